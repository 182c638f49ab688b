// ⌘K: a dialog whose list the server fills; arrows choose, Enter goes.
import { openDialog } from "./dialog.js";

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-q");
const list = document.getElementById("palette-list");

export function openPalette() {
  if (!dialog || !input) return;
  input.value = "";
  openDialog(dialog);
  input.focus();
  input.dispatchEvent(new Event("palette:open", { bubbles: true }));
}

const options = () => [...(list?.querySelectorAll("a[role=option]") ?? [])];

function choose(index) {
  const all = options();
  if (!all.length) return;
  const at = (index + all.length) % all.length;
  all.forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
  input.setAttribute("aria-activedescendant", all[at].id);
  all[at].scrollIntoView({ block: "nearest" });
}

const chosen = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

input?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(chosen() + (event.key === "ArrowDown" ? 1 : -1));
  } else if (event.key === "Escape") {
    event.preventDefault(); // a search field would only empty itself
    dialog.close();
  } else if (event.key === "Enter") {
    event.preventDefault();
    (options()[Math.max(0, chosen())])?.click();
  }
});
list?.addEventListener("htmx:afterSwap", () => choose(0));
