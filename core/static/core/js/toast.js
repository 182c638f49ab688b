// What happened, said once. Errors stay until dismissed; the rest goes after 8 s, not while it is pointed at.
import { said } from "./said.js";

const place = document.getElementById("toasts");
const LINGER = 8000;

function arm(element) {
  if (element.classList.contains("is-bad")) return;
  let timer = setTimeout(() => element.remove(), LINGER);
  const hold = () => clearTimeout(timer);
  const release = () => { clearTimeout(timer); timer = setTimeout(() => element.remove(), LINGER / 2); };
  element.addEventListener("pointerenter", hold);
  element.addEventListener("focusin", hold);
  element.addEventListener("pointerleave", release);
  element.addEventListener("focusout", release);
}

// toast("INC-7 resolved", { tone: "bad" | "watch" | "", undo: "/path/", undoWord: "Undo" })
export function toast(text, { tone = "", undo = "", undoWord = said("undo") } = {}) {
  const template = document.getElementById("toast-template");
  if (!place || !template) return null;
  const element = template.content.firstElementChild.cloneNode(true);
  element.querySelector(".grow").textContent = text;
  if (tone) element.classList.add(`is-${tone}`);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-plain";
    button.dataset.key = "u";
    button.dataset.keyLabel = undoWord;
    button.textContent = undoWord;
    button.addEventListener("click", () => { window.htmx?.ajax("POST", undo, { swap: "none" }); element.remove(); });
    element.querySelector("[data-toast-close]").before(button);
  }
  place.append(element);
  arm(element);
  return element;
}

for (const element of document.querySelectorAll("#toasts [data-toast]")) arm(element);
document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]")?.remove());

// The server may say it in a header: HX-Trigger: {"ms:toast": {"text": "…", "tone": "bad", "undo": "/path/"}}
document.addEventListener("ms:toast", (event) => { if (event.detail?.text) toast(event.detail.text, event.detail); });

// A refusal that htmx does not put into the page is still said.
const shown = new WeakSet();
document.addEventListener("htmx:beforeSwap", (event) => {
  const { shouldSwap, swapOverride, requestConfig, xhr } = event.detail;
  const how = swapOverride || requestConfig?.elt?.closest?.("[hx-swap]")?.getAttribute("hx-swap") || "";
  if (shouldSwap && !how.startsWith("none")) shown.add(xhr);
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (shown.has(xhr)) return;
  const refusal = new DOMParser().parseFromString(xhr.responseText || "", "text/html").querySelector("[data-refusal]");
  const words = refusal?.textContent.trim().replace(/\s+/g, " ");
  toast(words || (xhr.status === 403 ? said("not_allowed") : said("failed")), { tone: "bad" });
});
document.addEventListener("htmx:sendError", () => toast(said("no_connection"), { tone: "bad" }));
