// What a column means from its header: the server's rules, asked before the server has answered. The words are its own.

/** The fields of a contact that a column can go to, with what people call them. */
export const fields = [
  ["phone_numbers", "Phone number"], ["external_id", "External ID"], ["id", "Contact ID"], ["timezone", "Time zone"],
  ["scheduled_at", "Scheduled at"], ["data", "Extra data"],
];

export const fieldName = (field) => new Map(fields).get(field) ?? (field === "ignored" ? "Not used" : field);

/** Whether a contact has one value of it at most. */
export const isSingle = (field) => !["phone_numbers", "data", "ignored"].includes(field);

const longestWord = 15;

/** Lower case, letters and digits only, without a bracketed remark unless that is all there is. */
export function compact(header) {
  const letters = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  return letters(header.split(/[([]/, 1)[0]) || letters(header);
}

/** Whether `name` is made of phone words, qualifiers and digits, with at least one phone word. */
function isPhone(name, words) {
  const letters = Array.from(name);
  if (letters.length > 60) return false;
  const reachable = letters.concat("").map(() => ({ plain: false, phone: false }));
  reachable[0].plain = true;
  letters.forEach((letter, start) => {
    const from = reachable[start];
    if (!from.plain && !from.phone) return;
    const step = (to, isPhoneWord) => {
      reachable[to].phone ||= isPhoneWord || from.phone;
      if (!isPhoneWord) reachable[to].plain ||= from.plain;
    };
    if (/\p{N}/u.test(letter)) step(start + 1, false);
    for (let end = start + 1; end <= Math.min(start + longestWord, letters.length); end += 1) {
      const word = letters.slice(start, end).join("");
      if (words.phones.has(word)) step(end, true);
      if (words.qualifiers.has(word)) step(end, false);
    }
  });
  return reachable[letters.length].phone;
}

/**
 * Guesses each column's field.
 *
 * @param words {names: {header: field}, phones: [word], qualifiers: [word]} as the server's limits tell them
 * @returns [{column, index, field, because}] in the file's order
 */
export function guess(header, words) {
  const known = { names: words.names, phones: new Set(words.phones), qualifiers: new Set(words.qualifiers) };
  const taken = new Set();
  return header.map((column, index) => {
    const name = compact(column);
    let field = Object.hasOwn(known.names, name) ? known.names[name] : isPhone(name, known) ? "phone_numbers" : "data";
    if (column.startsWith("rollcall_") && column !== "rollcall_data") field = "ignored";
    const because = field === "data" ? "unmapped" : "header";
    if (isSingle(field)) {
      if (taken.has(field)) field = "data";
      taken.add(field);
    }
    return { column, index, field, because };
  });
}
