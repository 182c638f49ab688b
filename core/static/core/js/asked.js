// What a dialog asks is fetched when it opens: <dialog data-asks="/path/"> with a place <div data-asked tabindex="-1">.
// Each opening asks again, so that it is never old, unless something typed stands in it.
import { said } from "./said.js";

const PATIENCE = 10000;
const latest = new WeakMap();
const typed = new WeakSet();
const FIELDS = "[autofocus], .ms-dialog-body :is(input:not([type=hidden]), select, textarea)";

// What is asked comes first; the browser alone would pick the button that closes.
export function focusFirst(dialog) {
  (dialog.querySelector(FIELDS) ?? dialog.querySelector("[data-asked] :is(button, a[href])"))?.focus();
}

const line = (...parts) => {
  const body = document.createElement("div"), words = document.createElement("p");
  body.className = "ms-dialog-body";
  words.append(...parts);
  body.append(words);
  return body;
};

function wait(place) {
  place.setAttribute("aria-busy", "true");
  const body = line(said("moment"));
  body.firstChild.className = "faint";
  place.replaceChildren(body);
  place.focus({ preventScroll: true });
}

function fail(dialog, place) {
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn btn-plain";
  again.textContent = said("again");
  again.addEventListener("click", () => ask(dialog));
  const body = line(said("no_form"), " ", again);
  body.firstChild.setAttribute("role", "alert");
  place.replaceChildren(body);
}

function leave(answer) {
  const to = answer.headers.get("HX-Redirect");
  if (to) location.assign(to);
  return Boolean(to);
}

// A form, or a refusal that says why there is none; anything else did not arrive.
async function fetched(dialog) {
  const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
  const answer = await fetch(dialog.dataset.asks, { headers, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  if (leave(answer)) return null;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html");
  const refusal = found.querySelector("body > [data-refusal]");
  if (refusal) return [line(refusal)];
  if (!answer.ok || answer.redirected || !found.querySelector("body > form")) throw new Error(String(answer.status));
  return [...found.body.children];
}

export async function ask(dialog) {
  const place = dialog.querySelector("[data-asked]");
  if (typed.has(dialog)) { focusFirst(dialog); return; }
  const turn = {};
  latest.set(dialog, turn);
  wait(place);
  let parts = null;
  try { parts = await fetched(dialog); } catch { parts = []; }
  if (parts === null || latest.get(dialog) !== turn) return;
  const waits = dialog.open && (document.activeElement === place || document.activeElement === document.body);
  place.removeAttribute("aria-busy");
  if (parts.length) place.replaceChildren(...parts.map((part) => document.importNode(part, true)));
  else fail(dialog, place);
  window.htmx?.process(place);
  if (waits) focusFirst(dialog);
}

document.addEventListener("input", (event) => {
  const dialog = event.target.closest?.("dialog[data-asks]");
  if (dialog) typed.add(dialog);
});

// Done: the dialog closes and forgets. An answer of some other page (a redirect that was followed) is none.
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful, requestConfig } = event.detail;
  const dialog = (requestConfig?.elt ?? elt).closest?.("dialog[data-asks]");
  if (!dialog || !successful || (requestConfig?.verb ?? "post") !== "post") return;
  typed.delete(dialog);
  latest.delete(dialog);
  dialog.close();
  dialog.querySelector("[data-asked]").replaceChildren();
});
