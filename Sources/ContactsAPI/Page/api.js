// The HTTP side: the token and the organisation on every request, errors as one kind of error.

const store = { token: "rollcall.token", org: "rollcall.org" };

/** Who is signed in; lives as long as the tab. */
export const session = {
  get token() { return sessionStorage.getItem(store.token) ?? ""; },
  get org() { return sessionStorage.getItem(store.org) ?? ""; },
  get isOpen() { return this.token !== ""; },
  open(token, org) {
    sessionStorage.setItem(store.token, token);
    sessionStorage.setItem(store.org, org);
  },
  close() {
    sessionStorage.removeItem(store.token);
    sessionStorage.removeItem(store.org);
  },
};

/** What the server, or the way to it, answered instead of the thing asked for. */
export class APIError extends Error {
  /**
   * @param status the HTTP status; 0 when no answer came
   * @param body the answer's JSON, if it was any
   * @param retryAfter seconds to wait that the server asks for, or null
   */
  constructor(status, body, retryAfter = null) {
    super(describe(status, body));
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed by itself later. */
  get mayPass() { return this.status === 0 || this.status === 429 || this.status >= 500; }
}

function describe(status, body) {
  if (typeof body?.detail === "string" && body.detail !== "") return body.detail;
  if (status === 0) return "The server cannot be reached. Check the connection and try again.";
  if (status === 401) return "The token is not valid (401). Sign in with another.";
  if (status === 413) return "The server takes no body of this size (413).";
  if (status === 429) return "Too many requests (429). Wait a moment and try again.";
  return `The server answered ${status} without saying why.`;
}

let signedOut = () => {};

/** `action` runs when the server no longer takes the token. */
export function whenSignedOut(action) { signedOut = action; }

const headers = () => ({ Authorization: `Bearer ${session.token}`, "X-Anyreach-Org": session.org });

/**
 * The JSON at `path`.
 *
 * @throws APIError when the server refuses or cannot be reached; AbortError when `signal` says so
 */
export async function get(path, { signal } = {}) {
  return (await answer(path, { signal })).json();
}

/** Sends a file's bytes to `path` and returns the answer's JSON; throws as `get` does. */
export async function send(path, file, { signal } = {}) {
  const type = { "Content-Type": "application/octet-stream" };
  return (await answer(path, { method: "POST", body: file, signal, headers: type })).json();
}

/** The bytes at `path`; throws as `get` does. */
export async function download(path) {
  return (await answer(path, {})).blob();
}

async function answer(path, { headers: more = {}, ...options }) {
  let response;
  try {
    response = await fetch(path, {
      ...options, headers: { ...headers(), ...more }, cache: "no-store", credentials: "omit", redirect: "error",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new APIError(0, null);
  }
  if (response.ok) return response;
  throw refused(response.status, await response.text().catch(() => ""), response.headers.get("Retry-After"));
}

function refused(status, text, retryAfter) {
  if (status === 401) signedOut();
  return new APIError(status, json(text), Number(retryAfter) || null);
}

function json(text) {
  try { return JSON.parse(text); } catch { return null; }
}

/**
 * Sends a file's bytes and tells how far it is; `fetch` cannot tell that.
 *
 * @param onProgress called with a share from 0 to 1
 * @throws APIError
 */
export function upload(path, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => { if (event.lengthComputable) onProgress(event.loaded / event.total); };
    request.onerror = request.ontimeout = request.onabort = () => reject(new APIError(0, null));
    request.onload = () => {
      const body = json(request.responseText);
      if (request.status >= 200 && request.status < 300 && body) resolve(body);
      else reject(refused(request.status, request.responseText, request.getResponseHeader("Retry-After")));
    };
    request.send(file);
  });
}

/** Every entry of a paged list, page by page; stops at `most`. */
export async function all(path, key, most) {
  const entries = [];
  for (;;) {
    const page = await get(`${path}?limit=500&offset=${entries.length}`);
    entries.push(...page[key]);
    if (page[key].length === 0 || entries.length >= page.total || entries.length >= most) return entries;
  }
}

export const address = (...parts) => "/campaign/" + parts.map(encodeURIComponent).join("/");
