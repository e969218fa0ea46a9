// A manifest for people: what became of a file, why, and where.

import { address, download } from "./api.js";
import { badge, bytes, count, el, fill, find, number, quoted, short, table, time, visible } from "./dom.js";
import { fieldName } from "./headers.js";

const statuses = {
  accepted: ["good", "Accepted"], rejected: ["bad", "Rejected"], duplicate: ["warn", "Duplicate"], failed: ["bad", "Failed"],
  waiting: ["plain", "Waiting"], applying: ["plain", "Being stored"], recorded: ["plain", "Being finished"],
};
const reasons = { header: "its header", campaign: "the campaign's rule or yours", content: "its content", unmapped: "nothing claims it" };

export const statusBadge = (status) => badge(...(statuses[status] ?? ["plain", status ?? "Waiting"]));

/**
 * The whole manifest.
 *
 * @param rows the file's rows by line, where the page has read it: Map of line to {cells}
 */
export function report(manifest, rows = new Map()) {
  const { rejections, invalid_numbers: invalid, warnings } = manifest;
  const others = rejections.first.filter((problem) => !invalid.first.some((one) => isSame(one, problem)));
  return el("div", { className: "report" },
    el("p", { className: "verdict" }, statusBadge(manifest.status), " ", el("span", {}, `code ${manifest.code}`)),
    el("p", { className: "detail" }, visible(manifest.detail)),
    manifest.duplicate_of ? el("p", {}, "The first one: ", el("a", { href: `#ingests/${manifest.duplicate_of}` }, manifest.duplicate_of)) : null,
    counts(manifest),
    rejections.file && !manifest.dry_run ? rejectedFile(manifest) : null,
    section("Invalid numbers", invalid, rows),
    section(invalid.total ? "Other problems" : "Problems", { total: rejections.total - invalid.total, first: others }, rows),
    section("Warnings", warnings, rows),
    mapping(manifest.mapping),
    facts(manifest));
}

const isSame = (one, other) => one.row === other.row && one.column === other.column && one.code === other.code && one.value === other.value;

function counts({ rows, contacts }) {
  const figures = [
    ["Rows read", rows.read], ["Valid", rows.valid], ["Rejected", rows.rejected], ["Empty", rows.empty], ["Not read", rows.not_read],
    ["Inserted", contacts.inserted], ["Updated", contacts.updated], ["Unchanged", contacts.unchanged], ["Superseded", contacts.superseded],
  ];
  return el("dl", { className: "figures" }, figures.map(([name, value]) =>
    el("div", { className: value ? "" : "zero" }, el("dt", {}, name), el("dd", {}, number(value)))));
}

function section(title, listing, rows) {
  if (!listing || listing.total <= 0) return null;
  return el("section", {}, el("h3", {}, `${title} (${number(listing.total)})`), problems(listing.first, rows, title),
    listing.total > listing.first.length
      ? el("p", { className: "fine" }, `The first ${number(listing.first.length)} of ${number(listing.total)} are listed.`) : null);
}

/** Problems beside their rows. */
export function problems(list, rows, title) {
  if (list.length === 0) return null;
  return table(title, ["Row", "What stands there", "What is wrong"], list.map((problem) => el("tr", {},
    el("th", { scope: "row" }, problem.row ? `Row ${number(problem.row)}` : "File",
      problem.line ? el("span", { className: "fine" }, `line ${number(problem.line)}`) : null),
    el("td", {}, cell(problem), context(problem, rows.get(problem.line))),
    el("td", {}, el("strong", {}, sentence(problem.message)), problem.hint ? el("div", { className: "fine" }, visible(problem.hint)) : null))),
  "problems");
}

const sentence = (text) => visible(text.charAt(0).toUpperCase() + text.slice(1));

function cell({ column, value }) {
  if (!column) return value ? el("mark", {}, quoted(short(value))) : null;
  return el("div", {}, el("span", { className: "column" }, quoted(short(column))), " ",
    value ? el("mark", {}, quoted(short(value))) : el("span", { className: "fine" }, "(blank)"));
}

/** The row's other cells, so that people see whose row it is. */
function context(problem, row) {
  if (!row) return null;
  const cells = row.cells.filter((text) => text.trim() !== "" && text !== problem.value).slice(0, 4);
  return cells.length ? el("div", { className: "fine" }, cells.flatMap((text, at) => [at ? " · " : "", quoted(short(text, 24))])) : null;
}

function mapping(columns) {
  if (!columns?.length) return null;
  const rows = columns.map(({ column, field, because }) => el("tr", {},
    el("th", { scope: "row" }, quoted(short(column))), el("td", {}, fieldName(field)), el("td", { className: "fine" }, reasons[because] ?? because)));
  return el("details", {}, el("summary", {}, `Mapping (${count(columns.length, "column")})`),
    table("Mapping", ["Column", "Goes to", "Because of"], rows));
}

function facts({ file, reading, ingest_id: id, timing, versions }) {
  const entries = [
    ["File", visible(file.name)], ["Size", bytes(file.bytes)], ["Received", time(file.received_at)],
    ["Kept as", file.archived_as && visible(file.archived_as)], ["SHA-256", file.sha256],
    ["Read as", reading && [reading.format, reading.encoding, delimiter(reading.delimiter)].filter(Boolean).join(", ")],
    ["Ingest", id], ["Took", timing && `${number(timing.total_ms)} ms`],
    ["Phone metadata", versions && `${versions.phone_metadata} (${versions.phone_metadata_date})`],
  ];
  return el("details", {}, el("summary", {}, "About this file"), el("dl", { className: "facts" },
    entries.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}

export function delimiter(mark) {
  const names = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars" };
  return mark ? (names[mark] ?? `divided by "${visible(mark)}"`) : null;
}

/** A button, as a link could not carry the token. */
function rejectedFile({ ingest_id: id, rejections }) {
  const problem = el("span", { className: "problem", role: "alert" });
  const button = el("button", { type: "button", className: "download" }, "Download the rejected rows");
  button.addEventListener("click", async () => {
    fill(problem);
    try {
      save(await download(address("ingests", id, "rejected")), rejections.file.split("/").pop());
    } catch (error) { fill(problem, error.message); }
  });
  return el("p", { className: "row" }, button, el("span", { className: "fine" }, "the original columns plus the reason, ready to mend and drop again"), problem);
}

function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  find("main").append(link);
  link.click();
  link.remove();
  // Not at once: the browser has to have begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
