// Starts the page: signing in, and which of its views is shown.

import { APIError, address, get, session, whenSignedOut } from "./api.js";
import { find, focus } from "./dom.js";
import { Upload } from "./upload.js";
import { Ingests } from "./ingests.js";

const views = ["sign-in", "upload", "ingests", "ingest"];
let upload, ingests;

/** Shows the view that the address names; the sign-in in its place when nobody is signed in. */
function route({ moves = true } = {}) {
  const [name, id] = location.hash.slice(1).split("/");
  const wanted = name === "ingests" ? (id ? "ingest" : "ingests") : "upload";
  show(session.isOpen ? wanted : "sign-in", moves);
  if (!session.isOpen) return;
  upload ??= new Upload();
  ingests ??= new Ingests();
  if (wanted === "ingests") ingests.show();
  if (wanted === "ingest") ingests.open(decoded(id));
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function show(view, moves) {
  for (const name of views) find(`view-${name}`).hidden = name !== view;
  find("pages").hidden = find("who").hidden = view === "sign-in";
  find("org-shown").textContent = session.org;
  for (const link of find("pages").children) {
    const isHere = link.hash === (view === "upload" ? "#upload" : "#ingests");
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const title = find(`view-${view}`).querySelector("h1");
  document.title = `${title.textContent} · Rollcall`;
  if (view === "sign-in") find("token").focus();
  else if (moves) focus(title);
}

async function signIn(event) {
  event.preventDefault();
  const [token, org, problem] = [find("token"), find("org"), find("sign-in-problem")];
  problem.textContent = "";
  for (const [input, text] of [[token, "Enter a token."], [org, "Enter the organisation that the token belongs to."]]) {
    input.setAttribute("aria-invalid", String(input.value.trim() === ""));
    if (input.value.trim() !== "") continue;
    problem.textContent = text;
    return input.focus();
  }
  session.open(token.value.trim(), org.value.trim());
  try {
    await get(address("campaigns") + "?limit=1");
  } catch (error) {
    session.close();
    problem.textContent = error instanceof APIError ? error.message : "These cannot be sent: use plain letters and digits.";
    return token.focus();
  }
  token.value = "";
  route();
}

/** Nothing that was loaded for one person stays for the next. */
function signOut() {
  session.close();
  location.hash = "";
  location.reload();
}

whenSignedOut(() => {
  if (!session.isOpen || !find("view-sign-in").hidden) return;
  session.close();
  route();
  find("sign-in-problem").textContent = "The token is no longer valid. Sign in again; what you had prepared is kept.";
});
find("sign-in").addEventListener("submit", signIn);
find("sign-out").addEventListener("click", signOut);
find("skip").addEventListener("click", (event) => {
  // The address is the view's; a skip link must not change it.
  event.preventDefault();
  find("main").focus();
});
addEventListener("hashchange", () => route());
route({ moves: false });
