// Regions that keep themselves fresh: <section id="board" data-live="/incidents/fragment/?…">…</section>
// The answer is the region itself (same id). 5 s while something fresh is in view ([data-fresh]), 15 s otherwise, 60 s while
// hidden, at once on return. Nothing moves under a pointer or a cursor: new content waits behind "2 new".
import { heard } from "./clock.js";
import { said } from "./said.js";

const FRESH = 5000, STEADY = 15000, HIDDEN = 60000, MISSES = 3, PATIENCE = 20000;
const tags = new Map();
const held = new Map();
let timer = 0, misses = 0, lastSeen = Date.now(), lastMove = Date.now(), busy = false, out = false;

const regions = () => [...document.querySelectorAll("[data-live][id]")];
const sign = () => document.querySelector("[data-live-sign]");

function pause() {
  if (document.hidden) return HIDDEN;
  const now = document.querySelector("[data-live] [data-fresh], [data-live][data-fresh]") ? FRESH : STEADY;
  return misses ? Math.min(HIDDEN, now * 2 ** Math.min(misses, 3)) : now;
}

function plan(wait = pause()) {
  clearTimeout(timer);
  if (!out && regions().length) timer = setTimeout(run, wait);
}

function tell() {
  const element = sign();
  if (!element) return;
  const stale = misses >= MISSES || out;
  element.classList.toggle("is-stale", stale);
  const hands = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: document.body.dataset.zone || undefined }).format(lastSeen);
  const words = out ? element.dataset.liveOut : stale ? element.dataset.liveStale.replace("%s", hands) : element.dataset.liveWord;
  if (element.textContent !== words) element.textContent = words;
}

async function fetchRegion(region) {
  const headers = { "HX-Request": "true", "HX-Target": region.id, "X-Live": "1" };
  if (tags.has(region.id)) headers["If-None-Match"] = tags.get(region.id);
  const url = region.dataset.live || location.pathname + location.search;
  const answer = await fetch(url, { headers, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(10000) });
  if (answer.headers.get("Date")) heard(answer.headers.get("X-Server-Now") || "");
  if (answer.status === 304 || answer.status === 204) return null;
  const asked = new URL(url, location.href).pathname;
  if (answer.status === 401 || answer.status === 403 || answer.headers.has("HX-Redirect") || (answer.redirected && new URL(answer.url).pathname !== asked)) {
    out = true;
    return null;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
  if (!found) throw new Error("no region");
  if (answer.headers.has("ETag")) tags.set(region.id, answer.headers.get("ETag"));
  return found;
}

async function run() {
  if (busy) return;
  busy = true;
  try {
    for (const region of regions()) {
      const fresh = await fetchRegion(region);
      if (out) break;
      if (fresh) offer(region.id, fresh);
    }
    misses = 0;
    lastSeen = Date.now();
  } catch {
    misses += 1;
  } finally {
    busy = false;
    tell();
    plan();
  }
}

function inUse(region) {
  const active = document.activeElement;
  if (active && active !== region && region.contains(active) && active.matches("input, textarea, select")) return true;
  if (region.querySelector("dialog[open], details[data-menu][open], .htmx-request, .is-pending")) return true;
  const still = Date.now() - lastMove > PATIENCE;
  return !still && Boolean(region.querySelector("[data-row]:hover, [data-hold]:hover"));
}

const keysOf = (root) => new Set([...root.querySelectorAll("[data-row][id]")].map((row) => row.id));

function offer(id, fresh) {
  const region = document.getElementById(id);
  if (!region) return;
  if (region.outerHTML === fresh.outerHTML) return;
  if (!inUse(region)) { swap(region, fresh); return; }
  held.set(id, fresh);
  announce(region, fresh);
}

function announce(region, fresh) {
  const before = keysOf(region);
  const count = [...keysOf(fresh)].filter((key) => !before.has(key)).length;
  const place = document.querySelector(`[data-live-held="${CSS.escape(region.id)}"]`) ?? document.querySelector("[data-live-held]") ?? sign()?.parentElement;
  if (!place) return;
  let button = place.querySelector(".live-held");
  if (!button) {
    button = document.createElement("button");
    button.type = "button";
    button.className = "live-held";
    button.addEventListener("click", releaseAll);
    if (place === sign()?.parentElement) sign().after(button);
    else place.append(button);
  }
  button.textContent = count ? said("new", { n: count }) : said("updated");
}

function releaseAll() {
  for (const [id, fresh] of [...held]) {
    held.delete(id);
    const region = document.getElementById(id);
    if (region) swap(region, fresh);
  }
  document.querySelectorAll(".live-held").forEach((button) => button.remove());
}

function releaseIdle() {
  if (held.size && ![...held.keys()].some((id) => { const region = document.getElementById(id); return region && inUse(region); })) releaseAll();
}

function swap(region, fresh) {
  const active = document.activeElement;
  const focus = region.contains(active) ? active.id : "";
  const cursor = region.querySelector("[data-row].is-cursor")?.id;
  const cursorFocus = cursor && region.querySelector("[data-row].is-cursor")?.contains(active);
  const open = new Map([...region.querySelectorAll("details[id]")].map((element) => [element.id, element.open]));
  const typed = new Map([...region.querySelectorAll("input[id]:not([type=hidden]), textarea[id]")].map((field) => [field.id, field.type === "checkbox" ? null : field.value]));
  const before = keysOf(region);
  const element = document.importNode(fresh, true);
  region.replaceWith(element);
  for (const [id, was] of open) { const found = document.getElementById(id); if (found) found.open = was; }
  for (const [id, value] of typed) { const field = document.getElementById(id); if (field && value) field.value = value; }
  for (const row of element.querySelectorAll("[data-row][id]")) if (!before.has(row.id)) row.classList.add("is-fresh");
  if (cursor) { const row = document.getElementById(cursor); row?.classList.add("is-cursor"); row?.setAttribute("aria-current", "true"); if (cursorFocus) row?.querySelector("a[href]")?.focus({ preventScroll: true }); }
  if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
  window.htmx?.process(element);
  element.dispatchEvent(new CustomEvent("ms:swapped", { bubbles: true }));
}

document.addEventListener("pointermove", () => { lastMove = Date.now(); }, { passive: true });
document.addEventListener("pointerout", () => setTimeout(releaseIdle, 150), { passive: true });
document.addEventListener("focusout", () => setTimeout(releaseIdle, 150));
setInterval(releaseIdle, 5000);
document.addEventListener("visibilitychange", () => (document.hidden ? plan() : run()));
window.addEventListener("online", run);
// A verb just done is seen at once: HX-Trigger: ms:refresh
document.addEventListener("ms:refresh", () => run());

plan();
