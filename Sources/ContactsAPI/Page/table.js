// Asks the worker to read files; a newer question makes an older one's answer worthless.

let worker;
let asked = 0;
const waiting = new Map();

/** What `readCSV` finds in `file`; null when another file was asked for since. */
export function readTable(file, limit, told) {
  for (const [id, { resolve }] of waiting) { waiting.delete(id); resolve(null); }
  worker ??= start();
  const id = asked += 1;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, file, limit, told });
  });
}

function start() {
  const worker = new Worker("/reader.js", { type: "module" });
  worker.onmessage = ({ data: { id, table, error } }) => {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error) asker?.reject(new Error(error));
    else asker?.resolve(table);
  };
  worker.onerror = () => {
    for (const { reject } of waiting.values()) reject(new Error("This browser cannot run the reader."));
    waiting.clear();
  };
  return worker;
}
