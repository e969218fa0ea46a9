// A worker: reads files beside the page, so that 10 MB do not hold it up.

import { readCSV } from "./csv.js";

addEventListener("message", async ({ data: { id, file, limit, told } }) => {
  try {
    postMessage({ id, table: await readCSV(file, limit, told) });
  } catch (error) {
    postMessage({ id, error: String(error?.message ?? error) });
  }
});
