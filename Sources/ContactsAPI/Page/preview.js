// The check's answer: what would become of each row, before anything is sent.

import { badge, count, el, fill, find, number, quoted, short, table, time, visible } from "./dom.js";
import { problems, statusBadge } from "./report.js";

const mostContacts = 5;
const mostProblems = 50;

/** Shows where the check of an upload stands. */
export function showCheck(upload) {
  const { campaign, dryRun, failure, local } = upload;
  const state = find("check-state");
  if (failure) {
    const again = el("button", { type: "button" }, "Check again");
    again.addEventListener("click", () => upload.changed());
    fill(state, el("p", {}, badge("bad", "The check could not be made"), " ", failure), again);
  } else if (!campaign) {
    fill(state, el("p", {}, "Choose a campaign: its country tells how numbers are read."));
  } else if (!dryRun) {
    fill(state, el("p", { className: "busy" }, "Checking phone numbers…"));
  } else {
    fill(state, verdict(dryRun.manifest));
  }
  // What concerns the whole file is said above already.
  const found = merged(dryRun?.manifest, local).filter(({ row }) => row);
  fill(find("check-body"), found.length ? trouble(upload, found) : null, dryRun ? contacts(dryRun.preview) : null, warnings(upload));
}

function verdict({ status, detail, rows }) {
  if (status !== "accepted") return el("p", {}, statusBadge(status), " ", visible(detail));
  const rest = [rows.rejected && `${number(rows.rejected)} would be rejected`, rows.empty && `${number(rows.empty)} empty`,
    rows.not_read && `${number(rows.not_read)} beyond the limit are not read`].filter(Boolean);
  return el("p", {}, badge("good", "Ready"), ` ${count(rows.valid, "row")} can be stored`, rest.length ? `; ${rest.join(", ")}.` : ".");
}

/** The server's problems, and those found here that it has not listed, by their place. */
function merged(manifest, local) {
  const listed = manifest?.rejections.first ?? [];
  const key = ({ line, column }) => `${line} ${column}`;
  const known = new Set(listed.map(key));
  return [...listed, ...local.filter((problem) => !known.has(key(problem)))].sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
}

function trouble(upload, found) {
  const shown = found.slice(0, mostProblems);
  const total = Math.max(upload.dryRun?.manifest.rejections.total ?? 0, found.length);
  return el("section", {}, el("h3", {}, `Problems (${number(total)})`), problems(shown, upload.rows ?? new Map(), "Problems in the file"),
    total > shown.length ? el("p", { className: "fine" }, `The first ${number(shown.length)} of ${number(total)} are listed.`) : null);
}

function warnings({ dryRun, rows }) {
  const listing = dryRun?.manifest.warnings;
  if (!listing?.total) return null;
  return el("details", {}, el("summary", {}, count(listing.total, "warning")), problems(listing.first, rows ?? new Map(), "Warnings"));
}

function contacts(preview) {
  if (!preview.length) return null;
  const rows = preview.slice(0, mostContacts).map((contact) => el("tr", {},
    el("td", { className: "mono" }, contact.phone_numbers.map((text) => el("div", {}, text))),
    el("td", {}, contact.external_id ? quoted(short(contact.external_id, 32)) : contact.id ?? ""),
    el("td", {}, contact.timezone ?? "", contact.scheduled_at ? el("div", {}, time(contact.scheduled_at, contact.timezone ?? undefined)) : null),
    el("td", {}, data(contact.data))));
  return el("section", {}, el("h3", {}, "As they will be stored"),
    table("The first contacts as they will be stored", ["Phone numbers", "Key", "When", "Extra data"], rows));
}

function data(members) {
  const shown = Object.entries(members ?? {}).filter(([, value]) => value !== "" && value !== null).slice(0, 4);
  return shown.map(([name, value]) => el("div", {}, el("span", { className: "column" }, quoted(short(name, 24))), " ",
    quoted(short(typeof value === "string" ? value : JSON.stringify(value), 32))));
}
