// What can be told of a row without the server: time zones, times and ids. Phone numbers are the server's to check.

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const iso = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?([Zz]|[+-]\d\d(?::?\d\d)?)?$/;

/** An ISO 8601 time's parts, or null for other text and for days and hours that do not exist. */
export function readTime(text) {
  const match = iso.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const offset = match[7] ?? null;
  const days = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59 || !isOffset(offset)) return null;
  return { offset };
}

const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

function isOffset(offset) {
  if (offset === null || /^z$/i.test(offset)) return true;
  return Number(offset.slice(1, 3)) < 24 && Number(offset.slice(3).replace(":", "") || 0) < 60;
}

/**
 * The problems of `rows` that can be told here, in the manifest's shape.
 *
 * @param rows [{line, cells}]
 * @param columns the mapping: [{column, index, field}]
 * @param zones Set of time zone names; null when they are not known
 * @param defaultZone the campaign's own time zone, or null
 */
export function check(rows, columns, zones, defaultZone) {
  const column = (field) => columns.find((mapped) => mapped.field === field);
  const [id, zone, time] = [column("id"), column("timezone"), column("scheduled_at")];
  const problems = [];
  rows.forEach(({ line, cells }, index) => {
    const text = (mapped) => (mapped ? (cells[mapped.index] ?? "").trim() : "");
    const reject = (mapped, code, message, hint) => problems.push({
      row: index + 1, line, column: mapped.column, field: mapped.field, value: cells[mapped.index], code, message, hint,
    });
    if (text(id) && !uuid.test(text(id))) {
      reject(id, "invalid_uuid", `"${text(id)}" is not a UUID`,
        "This column must hold Rollcall's own contact ids; your own keys belong in External ID.");
    }
    const zoneIsWrong = text(zone) && zones && !zones.has(text(zone));
    if (zoneIsWrong) {
      reject(zone, "invalid_timezone", `"${text(zone)}" is not an IANA time zone name`,
        "Write it as Area/City, exactly: America/New_York, Europe/Berlin. Abbreviations such as EST are ambiguous.");
    }
    if (text(time)) checkTime(text(time), text(zone) || defaultZone, (...problem) => reject(time, ...problem));
  });
  return problems;
}

function checkTime(text, zone, reject) {
  const time = readTime(text);
  if (!time) {
    reject("invalid_time", `"${text}" is not an ISO 8601 time`,
      "Write it as 2026-03-01T09:30:00+01:00, or without the offset where the time zone is known.");
  } else if (time.offset === null && !zone) {
    reject("time_without_zone", `"${text}" has no offset, and no time zone is known`,
      "Add an offset such as Z or +01:00, a Timezone column, or a default time zone on the campaign.");
  }
}
