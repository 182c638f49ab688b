// <button data-opens="id"> opens <dialog id>; Escape, the backdrop and form[method=dialog] close it; focus goes back.
// Where the dialog isn't on the page the button does what it does without a script.
import { ask, focusFirst } from "./asked.js";

const openers = new WeakMap();

export function openDialog(dialog, opener = document.activeElement) {
  if (!dialog || dialog.open) return;
  openers.set(dialog, opener);
  dialog.showModal();
  if (dialog.dataset.asks) ask(dialog);
  else focusFirst(dialog);
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  const wanted = opener && document.getElementById(opener.dataset.opens);
  if (wanted) {
    event.preventDefault();
    openDialog(wanted, opener);
    return;
  }
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.clientX + event.clientY > 0) event.target.close();
  }
});

function standIn(opener, dialog) {
  const others = [...document.querySelectorAll(`[data-opens="${CSS.escape(dialog.id)}"]`)];
  return (opener.id && document.getElementById(opener.id)) || others.find((other) => other.checkVisibility?.() ?? true);
}

document.addEventListener("close", (event) => {
  const opener = openers.get(event.target);
  openers.delete(event.target);
  if (!opener) return;
  // a region that was drawn anew has another button for it, or none any more
  const again = opener.isConnected ? opener : standIn(opener, event.target) ?? document.getElementById("main");
  if (again && again !== document.body) again.focus({ preventScroll: again.id === "main" });
}, true);

// A link may ask for one: /incidents/INC-1042/#do-resolve.
function openAsked() {
  const asked = location.hash.startsWith("#do-") && document.getElementById(location.hash.slice(1));
  if (!(asked instanceof HTMLDialogElement)) return;
  history.replaceState(history.state, "", location.pathname + location.search);
  openDialog(asked);
}
window.addEventListener("hashchange", openAsked);
openAsked();

// Menus are <details data-menu>: one open at a time, closed by Escape and by a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
document.addEventListener("click", (event) => {
  const back = event.target.closest("[data-back]");
  if (back && history.length > 1) { event.preventDefault(); history.back(); }
});
