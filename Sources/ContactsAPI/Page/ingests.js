// The second page: recent files and what became of them, and a campaign's contacts by status.

import { address, get } from "./api.js";
import { Picker } from "./campaigns.js";
import { announce, bytes, el, fill, find, number, quoted, short, table, time, visible } from "./dom.js";
import { report, statusBadge } from "./report.js";

const pageSize = 20;
const states = ["pending", "locked", "in_progress", "completed", "exhausted", "error"];

export class Ingests {
  constructor() {
    this.offset = 0;
    this.picker = new Picker(find("filter-picker"), {
      label: "Show the files of", everything: "All campaigns", onPick: () => { this.offset = 0; this.refresh(); },
    });
    this.picker.load();
    find("refresh").addEventListener("click", async () => {
      await this.refresh();
      announce("Refreshed.");
    });
  }

  show() { this.refresh(); }

  async refresh() {
    const turn = this.turn = Symbol("turn");
    const key = this.picker.picked?.id;
    find("list-problem").textContent = "";
    find("list").setAttribute("aria-busy", "true");
    const query = new URLSearchParams({ limit: pageSize, offset: this.offset });
    if (key) query.set("campaign", key);
    try {
      const [page, stats] = await Promise.all([
        get(`${address("ingests")}?${query}`), key ? get(address("campaigns", key, "stats")) : null,
      ]);
      if (this.turn !== turn) return;
      this.list(page);
      find("stats").hidden = !stats;
      if (stats) fill(find("stats-body"), counts(stats));
    } catch (error) {
      if (this.turn === turn) find("list-problem").textContent = error.message;
    }
    find("list").removeAttribute("aria-busy");
  }

  list({ ingests, total, offset }) {
    const rows = ingests.map((ingest) => el("tr", {},
      el("th", { scope: "row" }, el("a", { href: `#ingests/${encodeURIComponent(ingest.ingest_id)}` }, quoted(short(ingest.file_name, 48))),
        el("span", { className: "fine" }, bytes(ingest.bytes))),
      el("td", {}, visible(ingest.campaign_id)), el("td", {}, time(ingest.received_at)),
      el("td", {}, statusBadge(ingest.status ?? ingest.state), ingest.code ? el("span", { className: "fine" }, `code ${ingest.code}`) : null),
      el("td", { className: "number", "data-name": "Rows" }, shown(ingest.rows)),
      el("td", { className: "number", "data-name": "Rejected" }, shown(ingest.rejected))));
    const heads = ["File", "Campaign", "Received", "Outcome", "Rows", "Rejected"];
    fill(find("list"), ingests.length ? table("List of files", heads, rows, "ingests") : el("p", {}, "No file yet."));
    const to = offset + ingests.length;
    fill(find("pager"), this.step("Newer", Math.max(0, offset - pageSize), offset > 0),
      el("span", { role: "status" }, total ? `${number(offset + 1)} to ${number(to)} of ${number(total)}` : ""),
      this.step("Older", offset + pageSize, to < total));
  }

  step(name, offset, isPossible) {
    const button = el("button", { type: "button", id: `pager-${name.toLowerCase()}`, disabled: !isPossible }, name);
    button.addEventListener("click", async () => {
      this.offset = offset;
      await this.refresh();
      const same = find(button.id);
      (same.disabled ? find("list-title") : same).focus();
    });
    return button;
  }

  /** Opens one file's manifest. */
  async open(id) {
    const turn = this.turn = Symbol("turn");
    const [title, problem, place] = [find("ingest-title"), find("ingest-problem"), find("ingest")];
    title.textContent = "File";
    problem.textContent = "";
    fill(place);
    try {
      const ingest = await get(address("ingests", id));
      if (this.turn !== turn) return;
      title.textContent = visible(ingest.file_name);
      document.title = `${title.textContent} · Rollcall`;
      fill(place, el("div", { className: "card" }, el("h2", {}, "What became of it"), el("p", {}, "Campaign ", el("strong", {}, visible(ingest.campaign_id))),
        ingest.manifest ? report(ingest.manifest) : el("p", {}, statusBadge(ingest.status ?? ingest.state), " ", visible(ingest.detail ?? "There is no result yet."))));
    } catch (error) {
      if (this.turn === turn) problem.textContent = error.message;
    }
  }
}

const shown = (value) => (value === null || value === undefined ? "" : number(value));

/** Each status with its count, and its share as a bar. */
function counts(stats) {
  return el("dl", { className: "stats" }, el("div", {}, el("dt", {}, "Total"), el("dd", {}, number(stats.total))),
    states.map((state) => el("div", {}, el("dt", {}, state.replace("_", " ")), el("dd", {},
      el("span", {}, number(stats[state])), el("progress", { max: Math.max(1, stats.total), value: stats[state] ?? 0, "aria-hidden": "true" })))));
}
