// The searchable list of campaigns: a combobox (WAI-ARIA 1.2), so that thousands are as easy as three.

import { address, all } from "./api.js";
import { count, el, fill, visible } from "./dom.js";

const mostCampaigns = 20000;
const mostShown = 50;
let loaded = null;

/** Every campaign that the token may see; asked for once, again when `anew`. */
export function campaigns(anew = false) {
  if (anew) loaded = null;
  loaded ??= all(address("campaigns"), "campaigns", mostCampaigns).catch((error) => {
    loaded = null;
    throw error;
  });
  return loaded;
}

export class Picker {
  /**
   * @param place the element to fill
   * @param everything what choosing none is called; null when one must be chosen
   * @param onPick called with a campaign, or null
   */
  constructor(place, { label, everything = null, onPick }) {
    this.id = place.id;
    Object.assign(this, { everything, onPick, picked: null, shown: [], active: -1, list: [] });
    this.input = el("input", {
      id: `${this.id}-input`, type: "text", role: "combobox", autocomplete: "off", spellcheck: false,
      placeholder: everything ?? "Search by name or key", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": `${this.id}-options`, "aria-describedby": `${this.id}-note`,
    });
    this.options = el("ul", { id: `${this.id}-options`, role: "listbox", "aria-label": label, hidden: true });
    this.note = el("p", { id: `${this.id}-note`, className: "fine", role: "status" });
    fill(place, el("label", { htmlFor: this.input.id }, label),
      el("div", { className: "combo" }, this.input, this.options), this.note);
    this.input.addEventListener("input", () => this.open(this.input.value));
    this.input.addEventListener("click", () => this.open(""));
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => this.close());
    // The focus stays in the field while an option is clicked.
    this.options.addEventListener("mousedown", (event) => event.preventDefault());
    this.options.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.pick(this.shown[Number(option.dataset.at)]);
    });
  }

  /** Loads the list; one campaign alone is chosen by itself where one must be. */
  async load(anew = false) {
    try {
      this.list = await campaigns(anew);
      this.note.textContent = this.list.length ? "" : "There is no campaign yet: rollcall campaign create KEY makes one.";
      if (this.list.length === 1 && this.everything === null && !this.picked) this.pick(this.list[0]);
    } catch (error) {
      this.note.textContent = error.message;
    }
  }

  select(key) {
    const campaign = this.list.find(({ id }) => id === key);
    if (campaign) this.pick(campaign);
  }

  pick(campaign) {
    this.picked = campaign;
    this.close();
    this.note.textContent = campaign ? facts(campaign) : "";
    this.onPick(campaign);
  }

  open(search) {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.list.filter((campaign) => {
      const text = `${campaign.id} ${campaign.name ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    this.shown = found.slice(0, mostShown);
    if (this.everything && words.length === 0) this.shown.unshift(null);
    const more = found.length - mostShown;
    const rest = found.length === 0 ? "No campaign fits." : `${count(more, "more campaign")}: type to narrow them down.`;
    fill(this.options, this.shown.map((campaign, at) => this.option(campaign, at)),
      found.length === 0 || more > 0 ? el("li", { role: "presentation", className: "rest" }, rest) : null);
    this.options.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.activate(search && this.shown.length ? 0 : -1);
  }

  option(campaign, at) {
    const children = campaign
      ? [el("span", { className: "name" }, visible(campaign.name || campaign.id)), el("span", { className: "fine" }, visible(facts(campaign)))]
      : [this.everything];
    return el("li", {
      id: `${this.id}-option-${at}`, role: "option", "data-at": String(at), "aria-selected": String(campaign === this.picked),
    }, children);
  }

  activate(at) {
    this.active = at;
    [...this.options.querySelectorAll("[role=option]")].forEach((option, index) => {
      option.classList.toggle("active", index === at);
      if (index === at) option.scrollIntoView({ block: "nearest" });
    });
    if (at >= 0) this.input.setAttribute("aria-activedescendant", `${this.id}-option-${at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.options.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.activate(-1);
    this.input.value = this.picked ? visible(this.picked.name || this.picked.id) : "";
  }

  press(event) {
    const isOpen = !this.options.hidden;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      if (!isOpen) this.open("");
      const { length } = this.shown;
      if (length) this.activate(this.active < 0 && step < 0 ? length - 1 : (this.active + step + length) % length);
    } else if (event.key === "Enter" && isOpen) {
      if (this.active >= 0) this.pick(this.shown[this.active]);
    } else if (event.key === "Escape" && isOpen) {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }
}

function facts(campaign) {
  const region = campaign.default_country_code ? `numbers as dialled from ${campaign.default_country_code}` : "numbers need a calling code";
  return [campaign.id, campaign.status === "closed" ? "closed: takes no contacts" : campaign.status,
    count(campaign.contacts, "contact"), region].join(" · ");
}
