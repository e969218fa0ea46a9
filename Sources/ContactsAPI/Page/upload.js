// The first page: a campaign, a file, what its columns mean, the check, and sending it.

import { address, get, send } from "./api.js";
import { Picker } from "./campaigns.js";
import { check } from "./checks.js";
import { announce, bytes, count, debounced, el, fill, find, focus, number, quoted } from "./dom.js";
import { compact, guess } from "./headers.js";
import { Mapping } from "./mapping.js";
import { showCheck } from "./preview.js";
import { delimiter } from "./report.js";
import { deliver } from "./sending.js";
import { readTable } from "./table.js";

const quiet = 350;

export class Upload {
  constructor() {
    this.limits = { file_bytes: 10485760, rows: 1000, extensions: [".csv", ".json", ".jsonl", ".ndjson"] };
    this.mapping = new Mapping(() => this.changed());
    this.checkSoon = debounced(() => this.check(), quiet);
    this.clear();
    this.picker = new Picker(find("campaign-picker"), { label: "Campaign", onPick: (campaign) => this.choose(campaign) });
    this.listen();
    this.load();
  }

  /** Forgets the file and what was found in it. */
  clear() {
    this.running?.abort();
    Object.assign(this, { file: null, table: null, dryRun: null, failure: null, trouble: null, local: [], running: null });
    this.mapping.reset();
    find("file").value = "";
    for (const id of ["file-facts", "check-state", "check-body", "columns-state"]) fill(find(id));
    find("file-problem").textContent = "";
    find("columns").hidden = find("check").hidden = true;
  }

  async load() {
    this.update();
    const [limits, zones] = await Promise.allSettled([get(address("limits")), get(address("timezones")), this.picker.load()]);
    if (limits.value) this.limits = limits.value;
    if (zones.value) this.zones = new Set(zones.value.timezones);
    find("file-limits").textContent = `${this.limits.extensions.join(", ")}, at most ${bytes(this.limits.file_bytes)}. `
      + `The first ${count(this.limits.rows, "row")} of a CSV file are read.`;
    this.update();
  }

  listen() {
    const zone = find("drop");
    find("file").addEventListener("change", (event) => this.take(event.target.files));
    for (const name of ["dragover", "drop"]) {
      // A file dropped beside the zone must not be opened in the page's place.
      addEventListener(name, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
    }
    zone.addEventListener("dragover", () => zone.classList.add("over"));
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take(event.dataTransfer.files);
    });
    find("submit").addEventListener("click", () => this.submit());
  }

  choose(campaign) {
    this.campaign = campaign;
    this.changed();
  }

  // MARK: The file

  async take(chosen) {
    // A copy: the field's own list is emptied with it.
    const files = [...chosen];
    const [file] = files;
    if (!file) return;
    this.clear();
    this.trouble = files.length > 1 ? "Drop one file at a time." : this.refusal(file);
    this.file = file;
    fill(find("file-facts"), el("p", { className: "file" }, el("strong", {}, quoted(file.name)), ` ${bytes(file.size)}`));
    if (this.trouble) return this.refuse();
    if (!isCSV(file.name)) return this.changed();
    try {
      await this.read();
    } catch {
      this.trouble = "The file cannot be read. If it is a folder or was moved, choose the file again.";
      this.refuse();
    }
  }

  /** What is wrong with a file before it is opened. */
  refusal(file) {
    const known = this.limits.extensions;
    if (!known.some((ending) => file.name.toLowerCase().endsWith(ending))) {
      return `“${file.name}” is no ${known.join(", ")} file. In a spreadsheet, save it as CSV UTF-8, and drop that.`;
    }
    if (file.size === 0) return "The file is empty.";
    if (file.size > this.limits.file_bytes) {
      return `The file has ${bytes(file.size)}, more than the ${bytes(this.limits.file_bytes)} allowed. Split it into smaller files, each with the header line.`;
    }
    return null;
  }

  refuse() {
    find("file-problem").textContent = this.trouble;
    find("check").hidden = find("columns").hidden = true;
    this.update();
  }

  /** Reads the file in the browser; `told`: how the server reads it. */
  async read(told) {
    const { file } = this;
    const table = await readTable(file, this.limits.rows, told);
    if (!table || file !== this.file) return;
    this.table = table;
    this.rows = new Map(table.rows.map((row) => [row.line, row]));
    if (told) return;
    const columns = guess(table.header, this.limits.header_words ?? { names: {}, phones: [], qualifiers: [] });
    this.mapping.known(columns);
    this.mapping.take(columns, table.rows);
    find("columns").hidden = false;
    this.tellRows(table.rows.length, table.more);
    this.changed();
  }

  tellRows(read, more) {
    const total = read + more;
    const text = more > 0 ? `The first ${number(read)} of ${count(total, "row")} are read.` : count(total, "row") + ".";
    fill(find("file-facts").firstChild, el("strong", {}, quoted(this.file.name)), ` ${bytes(this.file.size)} · `,
      el("span", { className: more > 0 ? "warn-text" : "" }, text),
      el("span", { className: "fine" }, ` ${this.table.encoding}, divided by ${delimiter(this.table.delimiter)}`));
    announce(`${this.file.name}: ${text}`);
  }

  // MARK: The check

  changed() {
    this.running?.abort();
    this.dryRun = this.failure = null;
    if (this.file && !this.trouble) {
      this.checkHere();
      if (this.campaign) this.checkSoon();
    }
    this.update();
  }

  checkHere() {
    this.local = this.table ? check(this.table.rows, this.mapping.columns, this.zones, this.campaign?.default_timezone) : [];
  }

  path(isDryRun) {
    const mapping = this.mapping.sent;
    const query = new URLSearchParams({ name: this.file.name });
    if (mapping) query.set("mapping", JSON.stringify(mapping));
    if (isDryRun) query.set("dry_run", "true");
    return `${address("campaigns", this.campaign.id, "files")}?${query}`;
  }

  async check() {
    if (!this.file || !this.campaign || this.trouble) return;
    const running = this.running = new AbortController();
    try {
      const dryRun = await send(this.path(true), this.file, running);
      if (this.running !== running) return;
      this.dryRun = dryRun;
      await this.follow(dryRun.manifest);
    } catch (error) {
      if (error.name === "AbortError" || this.running !== running) return;
      this.failure = error.message;
    }
    this.running = null;
    this.update();
  }

  /** Takes the server's reading of the file in place of the browser's guess. */
  async follow({ reading, mapping, rows }) {
    if (!this.table || !mapping.length) return;
    const { table } = this;
    if (reading?.format === "csv" && (!isSameEncoding(reading.encoding, table.encoding) || reading.delimiter !== table.delimiter
      || (reading.header_line ?? table.headerLine) !== table.headerLine)) {
      await this.read({
        encoding: decodable(reading.encoding) ?? table.encoding, delimiter: reading.delimiter, quote: reading.quote, headerLine: reading.header_line,
      }).catch(() => {});
    }
    this.mapping.known(mapping);
    this.mapping.take(mapping, this.table.rows, dialOrder(mapping, this.campaign.column_rules ?? []));
    this.checkHere();
    if (rows.read + rows.not_read > 0) this.tellRows(rows.read, rows.not_read);
  }

  /** Shows where things stand, and whether the file can go. */
  update() {
    find("columns-state").textContent = this.mapping.isAdjusted ? "Adjusted by you."
      : this.dryRun ? "As the server reads the headers. Change what does not fit."
      : "A first guess; the server's answer will replace it. Change what does not fit.";
    find("check").hidden = !this.file || Boolean(this.trouble);
    if (!find("check").hidden) showCheck(this);
    const reason = this.hindrance();
    find("submit").disabled = reason !== null;
    find("submit-reason").textContent = reason ?? `Puts ${this.file.name} into ${this.campaign.name || this.campaign.id}.`;
  }

  /** Why the file cannot go yet; null when it can. */
  hindrance() {
    if (!this.campaign) return "Choose a campaign first.";
    if (this.campaign.status === "closed") return "This campaign is closed and takes no contacts.";
    if (!this.file) return "Choose a file first.";
    if (this.trouble) return "The file cannot be taken; choose another.";
    if (this.table && !this.mapping.columns.some(({ field }) => field === "phone_numbers")) {
      return "No column goes to Phone number: choose one under Columns.";
    }
    if (this.failure) return "The check could not be made.";
    if (!this.dryRun) return "The check is not done yet.";
    const { status } = this.dryRun.manifest;
    if (status === "duplicate") return "This very file is in the campaign already; nothing would change.";
    return status === "accepted" ? null : "The check found what the campaign does not take; mend it first.";
  }

  async submit() {
    if (find("submit").disabled) return;
    const outcome = find("outcome");
    find("prepare").hidden = true;
    outcome.hidden = false;
    const ends = await deliver(outcome, { path: this.path(false), file: this.file, rows: this.rows ?? new Map() });
    outcome.hidden = true;
    find("prepare").hidden = false;
    if (ends === "again") {
      this.clear();
      this.picker.load(true);
      find("file").focus();
    } else {
      focus(find("upload-title"));
    }
    this.update();
  }
}

/** Numbers that the campaign's own rules name come first, in their order; the rest follow in the file's. */
function dialOrder(mapping, rules) {
  const named = rules.filter(({ field }) => field === "phone_numbers").map(({ column }) => compact(column));
  const rank = ({ column }) => (named.includes(compact(column)) ? named.indexOf(compact(column)) : named.length);
  return mapping.filter(({ field }) => field === "phone_numbers").sort((a, b) => rank(a) - rank(b) || a.index - b.index)
    .map(({ index }) => index);
}

const isCSV = (name) => name.toLowerCase().endsWith(".csv");
const isSameEncoding = (one, other) => one.toLowerCase().replace(/[-_]/g, "") === other.toLowerCase().replace(/[-_]/g, "");

/** The encoding's label, where the browser knows it. */
function decodable(name) {
  const label = name.toLowerCase() === "macroman" ? "macintosh" : name;
  try { return new TextDecoder(label).encoding; } catch { return null; }
}
