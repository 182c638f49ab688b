// Keys: never while typing, never the only way, and they can be switched off.
// On a page: data-key="a" data-key-label="Acknowledge" on what is clicked; data-go="b" on a room; table[data-rows] > tr[data-row].
import { openDialog } from "./dialog.js";
import { openPalette } from "./palette.js";

const OFF = "keys-off";
let leader = 0;

const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
const typing = (element) => Boolean(element?.closest?.("input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable]"));
const shown = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;

const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter(shown);
const cursor = () => document.querySelector("[data-row].is-cursor");

function moveTo(row) {
  const before = cursor();
  if (before) { before.classList.remove("is-cursor"); before.removeAttribute("aria-current"); }
  if (!row) return;
  row.classList.add("is-cursor");
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("a[href]")?.focus({ preventScroll: true });
}

function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(cursor());
  moveTo(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]);
  return true;
}

function verb(key) {
  const matching = (root) => [...root.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(shown);
  const row = cursor();
  const found = (row && matching(row)[0]) || matching(document).find((element) => !element.closest("[data-row]"));
  if (!found) return false;
  if (found.matches("input:not([type=checkbox]), textarea, select")) found.focus();
  else found.click();
  return true;
}

function inList(key) {
  const row = cursor();
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (!row) return false;
  if (key === "Enter") {
    const link = row.querySelector("a[href]");
    if (document.activeElement !== document.body && document.activeElement !== link) return false;
    link?.click();
    return Boolean(link);
  }
  if (key === "x") { row.querySelector("[data-select]")?.click(); return true; }
  return false;
}

function go(key) {
  const room = [...document.querySelectorAll("[data-go]")].find((element) => element.dataset.go === key);
  room?.click();
  return Boolean(room);
}

function plain(event) {
  if (event.key === "?") return openHelp();
  if (event.key === "/") return focusSearch();
  if (Date.now() - leader < 1200) { leader = 0; return go(event.key); }
  if (event.key === "g" && document.querySelector("[data-go]")) { leader = Date.now(); return true; }
  return inList(event.key) || (event.key.length === 1 && verb(event.key));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k" && !event.altKey && !event.shiftKey) {
    if (off()) return;
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target) || off()) return;
  if (document.querySelector("dialog[open]")) return;
  if (plain(event)) event.preventDefault();
});

document.addEventListener("pointerdown", (event) => { if (!event.target.closest("[data-row]")) moveTo(null); });

function focusSearch() {
  const field = document.querySelector("[data-search] input");
  if (!field || !shown(field)) return false;
  field.focus();
  field.select();
  return true;
}

function line(keys, words) {
  const dt = document.createElement("dt"), dd = document.createElement("dd");
  keys.split(" ").forEach((key) => { const kbd = document.createElement("kbd"); kbd.textContent = key; dt.append(kbd, " "); });
  dd.textContent = words;
  return [dt, dd];
}

function openHelp() {
  const dialog = document.getElementById("keys-help");
  const list = dialog?.querySelector("[data-keys-list]");
  if (!list) return false;
  const said = list.dataset;
  const lines = [["/", said.search], ["⌘ K", said.palette], ["?", said.help], ["⌘ ↵", said.send]];
  if (rows().length) lines.push(["j k", said.move], ["↵", said.open]);
  if (document.querySelector("[data-row] [data-select]")) lines.push(["x", said.select]);
  const known = new Set();
  for (const element of document.querySelectorAll("[data-key][data-key-label]")) {
    if (known.has(element.dataset.key) || !shown(element)) continue;
    known.add(element.dataset.key);
    lines.push([element.dataset.key, element.dataset.keyLabel]);
  }
  for (const element of document.querySelectorAll("[data-go][data-key-label]")) lines.push([`g ${element.dataset.go}`, element.dataset.keyLabel]);
  list.replaceChildren(...lines.flatMap(([keys, words]) => line(keys, words)));
  openDialog(dialog);
  return true;
}

function showSwitch() {
  for (const button of document.querySelectorAll("[data-keys-toggle]")) {
    button.querySelector("span").textContent = off() ? button.dataset.off : button.dataset.on;
    button.setAttribute("aria-pressed", String(!off()));
  }
}
document.addEventListener("click", (event) => {
  if (event.target.closest('[data-opens="keys-help"]')) { document.getElementById("keys-help")?.close(); openHelp(); }
  if (!event.target.closest("[data-keys-toggle]")) return;
  try { localStorage.setItem(OFF, off() ? "0" : "1"); } catch { /* stays as it is */ }
  showSwitch();
});
showSwitch();
