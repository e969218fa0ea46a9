// Sends a file, follows it to its end, and shows what became of it.

import { address, get, upload } from "./api.js";
import { announce, count, el, fill, focus, visible } from "./dom.js";
import { report } from "./report.js";

const states = {
  waiting: "Waiting for its turn", applying: "Storing contacts", recorded: "Writing the result", done: "Done",
};
const pauses = [250, 250, 250, 250, 500, 500, 1000, 1000, 2000];

/**
 * Sends `file` to `path` and shows progress and result in `place`.
 *
 * @returns "again" when another file is to be dropped, "back" when this one is to be looked at again
 */
export async function deliver(place, { path, file, rows }) {
  const bar = el("progress", { max: 1, value: 0, id: "upload-progress" });
  const label = el("label", { htmlFor: bar.id }, "Uploading");
  const title = el("h2", {}, `Sending ${visible(file.name)}`);
  const trouble = el("p", { className: "problem", role: "alert" });
  fill(place, el("section", { className: "card" }, title, label, bar, trouble));
  focus(title);
  const show = (text, value = null) => {
    if (label.textContent !== text) announce(text);
    label.textContent = text;
    if (value === null) bar.removeAttribute("value");
    else bar.value = value;
  };
  let ingest;
  try {
    const { ingest_id: id } = await upload(path, file, (share) => show("Uploading", share));
    ingest = await follow(id, show, trouble);
  } catch (error) {
    return choice(place, "Not sent", el("p", { className: "problem" }, visible(error.message)), ["back", "again"]);
  }
  return choice(place, file.name, report(ingest.manifest ?? bare(ingest), rows), ["again"]);
}

/** Asks until the ingest has its manifest; what hinders the asking is shown, and asked again. */
async function follow(id, show, trouble) {
  for (let turn = 0; ; turn += 1) {
    let pause = pauses[Math.min(turn, pauses.length - 1)];
    try {
      const ingest = await get(address("ingests", id));
      fill(trouble);
      if (ingest.manifest || ingest.state === "done") return ingest;
      const { contacts } = ingest.progress;
      show((states[ingest.state] ?? ingest.state) + (contacts ? `: ${count(contacts, "contact")} so far` : "…"));
    } catch (error) {
      // Between the folder and the ledger an ingest may be nowhere for a moment.
      const isUnseen = error.status === 404 && turn < 20;
      if (!error.mayPass && !isUnseen) throw error;
      if (!isUnseen) trouble.textContent = `${error.message} The file is with the server; asking again.`;
      pause = Math.max(pause, (error.retryAfter ?? 0) * 1000);
    }
    await new Promise((resolve) => { setTimeout(resolve, pause); });
  }
}

/** A manifest's outline for an ingest that has none. */
function bare({ status, code, detail, file_name: name, bytes, received_at, ingest_id }) {
  const none = { total: 0, first: [] };
  return {
    status, code, detail: detail ?? "", ingest_id, rows: {}, contacts: {}, rejections: none, invalid_numbers: none, warnings: none,
    file: { name, bytes, received_at },
  };
}

const names = { again: "Drop another file", back: "Back to the file" };

/** Shows an end, and waits for what is to come next. */
function choice(place, title, body, ways) {
  return new Promise((resolve) => {
    const head = el("h2", {}, visible(title));
    const buttons = ways.map((way, at) => {
      const button = el("button", { type: "button", className: at === 0 ? "primary" : "", id: `next-${way}` }, names[way]);
      button.addEventListener("click", () => resolve(way));
      return button;
    });
    fill(place, el("section", { className: "card" }, head, body, el("div", { className: "row" }, buttons)));
    focus(head);
    announce(`Finished: ${place.querySelector(".badge, .problem")?.textContent ?? title}`);
  });
}
