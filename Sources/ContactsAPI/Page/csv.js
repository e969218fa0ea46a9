// A CSV reader for the preview (RFC 4180 and what spreadsheets write). What it finds is a first guess: the server reads
// the file again, and what it says holds.

const sampleBytes = 65536;
const delimiters = [",", ";", "\t", "|"];

/** The encoding of `sample`, a file's first bytes, as a label of TextDecoder. */
export function encodingOf(sample) {
  const [a, b, c] = sample;
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return wide(sample) ?? (isUTF8(sample) ? "utf-8" : "windows-1252");
}

/** UTF-16 without a mark: in Latin text every other byte is zero. */
function wide(sample) {
  const zeros = [0, 0];
  for (let at = 0; at < sample.length; at += 1) if (sample[at] === 0) zeros[at % 2] += 1;
  const many = sample.length * 0.2;
  if (sample.length < 4 || Math.max(...zeros) < many) return null;
  return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

function isUTF8(sample) {
  try {
    // As a part of a longer text: its last character may be cut.
    new TextDecoder("utf-8", { fatal: true }).decode(sample, { stream: true });
    return true;
  } catch { return false; }
}

/** The delimiter that cuts the most lines of `text` into the same number of cells. */
export function delimiterOf(text) {
  let best = { delimiter: ",", score: 0 };
  for (const delimiter of delimiters) {
    const widths = [];
    const parser = new CSVParser({ delimiter }, (cells) => { if (cells.some((cell) => cell !== "")) widths.push(cells.length); });
    parser.write(text);
    // The sample may end within a row.
    if (widths.length === 0) parser.end();
    const score = evenness(widths);
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function evenness(widths) {
  const tally = new Map();
  for (const width of widths) if (width > 1) tally.set(width, (tally.get(width) ?? 0) + 1);
  let best = 0;
  for (const [width, rows] of tally) best = Math.max(best, (rows / widths.length) * (width - 0.5) / width);
  return best;
}

/** Cuts text, given piece by piece, into rows. */
export class CSVParser {
  /** @param onRow called with (cells, line): the line of the text, from 1, at which the row starts */
  constructor({ delimiter = ",", quote = "\"" }, onRow) {
    this.delimiter = delimiter;
    this.quote = quote;
    this.onRow = onRow;
    this.cells = [];
    this.cell = "";
    this.isQuoted = false;
    this.wasQuote = false;
    this.wasReturn = false;
    this.innerReturn = false;
    this.line = 1;
    this.rowLine = 1;
    this.plainEnd = new RegExp(`[${[delimiter, quote, "\r", "\n"].filter(Boolean).map(escaped).join("")}]`, "g");
  }

  write(text) {
    for (let at = 0; at < text.length; at += 1) at = this.isQuoted ? this.inside(text, at) : this.outside(text, at);
  }

  /** The end of the text: what is left is a row. */
  end() {
    if (this.cell !== "" || this.cells.length > 0 || this.isQuoted || this.wasQuote) this.endRow();
  }

  /** Takes what stands in quotes from `at`; returns the place of the last character taken. */
  inside(text, at) {
    const close = text.indexOf(this.quote, at);
    const end = close < 0 ? text.length : close;
    const part = text.slice(at, end);
    this.cell += part;
    this.line += lineBreaks(part, this.innerReturn);
    this.innerReturn = close < 0 && part.endsWith("\r");
    if (close >= 0) { this.isQuoted = false; this.wasQuote = true; }
    return end;
  }

  outside(text, at) {
    const character = text[at];
    const { wasQuote, wasReturn } = this;
    this.wasQuote = this.wasReturn = false;
    if (character === this.quote && this.quote) {
      if (wasQuote) { this.cell += this.quote; this.isQuoted = true; return at; }
      if (this.cell.trim() === "") { this.cell = ""; this.isQuoted = true; return at; }
      this.cell += character;
    } else if (character === this.delimiter) {
      this.cells.push(this.cell);
      this.cell = "";
    } else if (character === "\n" && wasReturn) {
      this.rowLine = this.line;
    } else if (character === "\n" || character === "\r") {
      this.line += 1;
      this.endRow();
      this.wasReturn = character === "\r";
    } else {
      this.plainEnd.lastIndex = at;
      const end = this.plainEnd.exec(text)?.index ?? text.length;
      this.cell += text.slice(at, end);
      return end - 1;
    }
    return at;
  }

  endRow() {
    this.cells.push(this.cell);
    this.onRow(this.cells, this.rowLine);
    this.cells = [];
    this.cell = "";
    this.wasQuote = false;
    this.rowLine = this.line;
  }
}

const escaped = (character) => (character === "\t" ? "\\t" : character.replace(/[\\\]^|-]/g, "\\$&"));

/** How many lines end in `text`; `wasReturn`: a carriage return that came before it has been counted. */
function lineBreaks(text, wasReturn) {
  const breaks = text.match(/\r\n|\r|\n/g)?.length ?? 0;
  return wasReturn && text.startsWith("\n") ? breaks - 1 : breaks;
}

const isEmpty = (cells) => cells.every((cell) => cell.trim() === "");

/**
 * Reads a File's header and its first `limit` data rows, and counts the rest.
 *
 * @param told encoding, delimiter, quote, headerLine: what is known already
 * @returns {encoding, delimiter, quote, headerLine, header: [name], rows: [{line, cells}], more: rows beyond the limit}
 */
export async function readCSV(file, limit, told = {}) {
  const sample = new Uint8Array(await file.slice(0, sampleBytes).arrayBuffer());
  const encoding = told.encoding ?? encodingOf(sample);
  const delimiter = told.delimiter ?? delimiterOf(new TextDecoder(encoding).decode(sample, { stream: true }));
  const result = { encoding, delimiter, quote: told.quote ?? "\"", headerLine: null, header: [], rows: [], more: 0 };
  const parser = new CSVParser(result, (cells, line) => {
    if (result.headerLine === null) {
      if (told.headerLine ? line < told.headerLine : isEmpty(cells)) return;
      result.headerLine = line;
      result.header = columnNames(cells);
    } else if (result.rows.length < limit) {
      result.rows.push({ line, cells });
    } else if (!isEmpty(cells)) {
      result.more += 1;
    }
  });
  await decode(file, encoding, (text) => parser.write(text));
  parser.end();
  return result;
}

/** Hands over a file's text piece by piece, so that no more of it than one piece is in memory twice. */
async function decode(file, encoding, take) {
  const decoder = new TextDecoder(encoding);
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    take(decoder.decode(value, { stream: true }));
  }
  take(decoder.decode());
}

/** Unique, readable names from a header's cells. */
export function columnNames(cells) {
  const plain = cells.map((cell) => cell.replace(/[\ufeff\u200b\u2060\u200e\u200f\u00ad]/g, "").replace(/\s+/g, " ").trim());
  const taken = new Set();
  return plain.map((text, index) => {
    const wanted = text === "" ? `Column ${index + 1}` : text;
    let name = wanted;
    for (let further = 2; taken.has(name); further += 1) name = `${wanted} (${further})`;
    taken.add(name);
    return name;
  });
}
