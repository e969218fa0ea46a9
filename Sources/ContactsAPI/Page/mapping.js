// The columns with their samples, each with the field it goes to, and the order in which its numbers are dialled.

import { announce, count, el, fill, find, quoted, short, table } from "./dom.js";
import { fieldName, fields, isSingle } from "./headers.js";

const mostShown = 200;
const reasons = {
  header: "by its header", campaign: "by the campaign", content: "by its content", unmapped: "kept under its header", you: "by you",
};

export class Mapping {
  /** @param onChange called after each change by hand */
  constructor(onChange) {
    this.onChange = onChange;
    this.reset();
  }

  reset() {
    Object.assign(this, { columns: [], phones: [], automatic: null, isAdjusted: false, samples: [] });
    fill(find("mapping"));
    fill(find("dial-order"));
  }

  /**
   * Takes a mapping that was found, as long as nothing was changed by hand.
   *
   * @param columns [{column, index, field, because}]
   * @param dialOrder the indexes of the phone columns, where the file's order is not theirs
   */
  take(columns, rows, dialOrder = null) {
    this.samples = columns.map(({ index }) => samples(rows, index));
    if (this.isAdjusted) return;
    this.columns = columns.map((column) => ({ ...column }));
    this.phones = dialOrder ?? columns.filter(({ field }) => field === "phone_numbers").map(({ index }) => index);
    this.show();
  }

  /** What the server would do by itself; a column taken away from that has to be named. */
  known(columns) {
    if (!this.isAdjusted) this.automatic = new Map(columns.map(({ index, field }) => [index, field]));
  }

  /** The mapping for the server; null when it is the one that the server finds by itself. */
  get sent() {
    if (!this.isAdjusted) return null;
    const phones = this.phones.map((index) => this.columns.find((column) => column.index === index));
    const others = this.columns.filter(({ index, field }) => field !== "phone_numbers" && field !== "ignored"
      && (field !== "data" || (this.automatic?.get(index) ?? "data") !== "data"));
    return phones.concat(others).map(({ column, index, field }) => ({ column, index, field }));
  }

  show() {
    const shown = this.columns.slice(0, mostShown);
    const more = this.columns.length - shown.length;
    const rows = shown.map((column, at) => el("tr", {},
      el("th", { scope: "row" }, quoted(short(column.column))),
      el("td", { className: "samples" }, this.samples[at].map((text) => el("div", {}, text === "" ? el("span", { className: "fine" }, "(blank)") : quoted(short(text, 32))))),
      el("td", {}, this.select(column), el("span", { className: "fine because" }, reasons[column.because] ?? ""))));
    fill(find("mapping"), table("Columns and what they mean", ["Column", "First values", "Goes to"], rows, "mapping"),
      more > 0 ? el("p", { className: "fine" }, `${count(more, "more column")} not shown here.`) : null);
    this.showOrder();
  }

  select(column) {
    const options = column.field === "ignored" ? [...fields, ["ignored", fieldName("ignored")]] : fields;
    const select = el("select", { id: `field-${column.index}`, "aria-label": `${short(column.column)} goes to` },
      options.map(([value, name]) => el("option", { value, selected: value === column.field }, name)));
    select.addEventListener("change", () => this.change(column, select.value));
    return select;
  }

  change(column, field) {
    const other = isSingle(field) && this.columns.find((one) => one.field === field);
    if (other) this.assign(other, "data");
    this.assign(column, field);
    this.adjusted(`field-${column.index}`);
    const moved = other ? ` ${short(other.column)} is kept as extra data, as a contact has one ${fieldName(field)}.` : "";
    announce(`${short(column.column)} goes to ${fieldName(field)}.${moved}`);
  }

  assign(column, field) {
    Object.assign(column, { field, because: "you" });
    this.phones = this.phones.filter((index) => index !== column.index);
    if (field === "phone_numbers") this.phones.push(column.index);
  }

  showOrder() {
    const place = find("dial-order");
    if (this.phones.length < 2) return fill(place);
    const items = this.phones.map((index, at) => {
      const name = short(this.columns.find((column) => column.index === index).column);
      return el("li", {}, el("span", { className: "grow" }, quoted(name)),
        this.mover("up", name, at, -1), this.mover("down", name, at, 1));
    });
    fill(place, el("h3", { id: "dial-order-title" }, "Dial order"),
      el("p", { className: "fine" }, "The first number is tried first, the next on a retry."),
      el("ol", { "aria-labelledby": "dial-order-title", className: "order" }, items));
  }

  mover(way, name, at, step) {
    const to = at + step;
    const button = el("button", {
      type: "button", id: `${way}-${this.phones[at]}`, "aria-label": `Move ${name} ${way}`, disabled: to < 0 || to >= this.phones.length,
    }, el("span", { "aria-hidden": "true" }, way === "up" ? "↑" : "↓"));
    button.addEventListener("click", () => {
      const [index] = this.phones.splice(at, 1);
      this.phones.splice(to, 0, index);
      const end = to === 0 || to === this.phones.length - 1;
      this.adjusted(end ? `${way === "up" ? "down" : "up"}-${index}` : `${way}-${index}`);
      announce(`${name} is number ${to + 1} of ${this.phones.length} to be dialled.`);
    });
    return button;
  }

  /** Shows the change and puts the focus back where it was. */
  adjusted(focusID) {
    this.isAdjusted = true;
    this.show();
    find(focusID)?.focus();
    this.onChange();
  }
}

function samples(rows, index) {
  const cells = rows.map(({ cells }) => (cells[index] ?? "").trim());
  const filled = cells.filter((cell) => cell !== "");
  return (filled.length >= 3 ? filled : cells).slice(0, 3);
}
