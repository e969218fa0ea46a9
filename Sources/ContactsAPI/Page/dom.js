// Builds elements and speaks to screen readers. Text goes in as text alone, so nothing from a file is ever markup.

/**
 * An element with `properties` and `children` (elements, texts; null is left out).
 *
 * Properties that the element has are set; others, such as `aria-label`, become attributes.
 */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key in element && !key.includes("-")) element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Puts `children` in the place of what `parent` holds. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

export const find = (id) => document.getElementById(id);

/** Text out of a file: its direction is its own, and control characters that could hide or turn it are shown. */
export function quoted(text) {
  return el("bdi", { className: "text" }, visible(text));
}

const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** `text` with each control and direction character written as its code. */
export function visible(text) {
  return String(text).replace(hidden, (mark) => `⟨U+${mark.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}

/** `text` cut to a length that a table bears. */
export function short(text, length = 60) {
  const characters = Array.from(String(text).slice(0, length * 4));
  return characters.length > length ? characters.slice(0, length - 1).join("") + "…" : characters.join("");
}

export const number = (value) => new Intl.NumberFormat("en").format(value ?? 0);

/** "1 row", "1,204 rows" */
export const count = (value, one, many = one + "s") => `${number(value)} ${value === 1 ? one : many}`;

export function bytes(value) {
  if (value < 1024) return count(value, "byte");
  const units = ["KiB", "MiB", "GiB"];
  let at = -1;
  do { value /= 1024; at += 1; } while (value >= 1024 && at < units.length - 1);
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[at]}`;
}

/** An ISO 8601 time as a clock in `zone` shows it; without one, the reader's own. */
export function time(text, zone) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text ?? "";
  const shown = clock(zone).format(date);
  return el("time", { dateTime: text, title: text }, shown);
}

function clock(zone) {
  const parts = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  // A browser may not know every zone that the server does.
  try { return new Intl.DateTimeFormat("en", { ...parts, timeZone: zone }); } catch { return new Intl.DateTimeFormat("en", parts); }
}

/** Says `text` to a screen reader, after what it is saying. */
export function announce(text) {
  const place = find("announcer");
  // The same text twice is two things to say.
  place.textContent = place.textContent === text ? text + "\u00a0" : text;
}

/** Moves the focus to what has appeared, and shows it. */
export function focus(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A table whose sides can be reached on a narrow screen, by keyboard too. */
export function table(caption, heads, rows, className = "") {
  const head = el("thead", {}, el("tr", {}, heads.map((name) => el("th", { scope: "col" }, name))));
  return el("div", { className: "scroll", role: "region", "aria-label": caption, tabIndex: 0 },
    el("table", { className }, el("caption", { className: "unseen" }, caption), head, el("tbody", {}, rows)));
}

/** A word that carries its meaning in text and sign, not in colour alone. */
export function badge(kind, text) {
  const sign = { good: "✓", bad: "✗", warn: "!", plain: "•" }[kind];
  return el("span", { className: `badge ${kind}` }, el("span", { "aria-hidden": "true" }, sign), " ", text);
}

/** Calls `action` once things have been quiet for `pause` milliseconds. */
export function debounced(action, pause) {
  let timer;
  return (...rest) => {
    clearTimeout(timer);
    timer = setTimeout(action, pause, ...rest);
  };
}
