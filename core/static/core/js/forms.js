// Forms: sent once, sent by ⌘↵, drafts kept. A field change may send its form (data-autosubmit).
const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (sent.has(form)) { event.preventDefault(); return; }
  sent.add(form);
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    button.setAttribute("aria-disabled", "true");
    button.classList.add("is-busy");
  }
});

function release(form) {
  if (!(form instanceof HTMLFormElement)) return;
  sent.delete(form);
  for (const button of form.querySelectorAll(".is-busy")) {
    button.removeAttribute("aria-disabled");
    button.classList.remove("is-busy");
  }
}
// A form that its own answer replaced is no longer where the event fires: the request remembers it.
const formOf = (event) => (event.detail.requestConfig?.elt ?? event.detail.elt).closest?.("form");
document.addEventListener("htmx:afterRequest", (event) => release(formOf(event)));
window.addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("form[data-once]").forEach(release); });

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
  const form = event.target.closest?.("form");
  if (form) { event.preventDefault(); form.requestSubmit(); }
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-autosubmit]");
  if (form) form.requestSubmit();
});

// Drafts: <form data-draft="incident-INC-7"> or <textarea data-draft="…">; the key should name person and thing.
const named = (element) => `draft:${element.dataset.draft}`;
function fieldsOf(element) {
  return element instanceof HTMLFormElement
    ? [...element.querySelectorAll("textarea[name], input[type=text][name]")]
    : [element];
}

function keep(element) {
  const kept = Object.fromEntries(fieldsOf(element).filter((field) => field.value).map((field) => [field.name, field.value]));
  try {
    if (Object.keys(kept).length) localStorage.setItem(named(element), JSON.stringify(kept));
    else localStorage.removeItem(named(element));
  } catch { /* a full or closed store loses only the draft */ }
}

function bring(root) {
  const found = [...root.querySelectorAll("[data-draft]")];
  if (root instanceof Element && root.matches("[data-draft]")) found.push(root);
  for (const element of found) {
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(named(element)) || "{}"); } catch { /* unreadable: no draft */ }
    for (const field of fieldsOf(element)) if (!field.value && kept[field.name]) field.value = kept[field.name];
  }
}

function drop(element) {
  try { localStorage.removeItem(named(element)); } catch { /* nothing kept */ }
}

document.addEventListener("input", (event) => {
  const element = event.target.closest?.("[data-draft]");
  if (element) keep(element);
});

// A plain form's draft goes when the page after it says that it arrived: no error, not the door, not the form again.
const SENT = "drafts-sent";
const draftsIn = (form) => [form, ...form.querySelectorAll("[data-draft]")].filter((element) => element.dataset.draft);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("hx-post") || form.closest("[hx-boost]")) return;
  try { sessionStorage.setItem(SENT, JSON.stringify(draftsIn(form).map(named))); } catch { /* the draft stays */ }
});

function arrived() {
  let names = [];
  try {
    names = JSON.parse(sessionStorage.getItem(SENT) || "[]");
    sessionStorage.removeItem(SENT);
  } catch { /* nothing was sent */ }
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0;
  if (status >= 400 || document.querySelector(".ms-door, .ms-error")) return;
  const here = [...document.querySelectorAll("[data-draft]")].map(named);
  for (const name of names) if (!here.includes(name)) try { localStorage.removeItem(name); } catch { /* nothing kept */ }
}

// An answer from elsewhere (a redirect that was followed) is no answer to what was sent.
function answered({ successful, xhr, pathInfo }) {
  if (!successful || xhr.getResponseHeader("HX-Redirect")) return false;
  return new URL(xhr.responseURL, location.href).pathname === new URL(pathInfo.requestPath, location.href).pathname;
}

document.addEventListener("htmx:afterRequest", (event) => {
  if (!answered(event.detail)) return;
  const form = formOf(event);
  if (!form) return;
  for (const element of draftsIn(form)) drop(element);
});
document.addEventListener("htmx:load", (event) => bring(event.detail.elt));
arrived();
bring(document);
