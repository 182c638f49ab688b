// <button data-print hidden>: the browser's own print, where there is one.
for (const button of document.querySelectorAll("[data-print]")) button.hidden = typeof window.print !== "function";
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
