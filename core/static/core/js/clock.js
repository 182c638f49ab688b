// Ticking clocks, relative times and countdowns, all by the server's time (<meta name="server-now">).
import { countdown, duration, relative } from "./words.js";

const meta = document.querySelector('meta[name="server-now"]');
let offset = meta ? Date.parse(meta.content) - Date.now() : 0;

export function serverNow() {
  return Date.now() + offset;
}

// A poll brings the server's time along; small differences are the network's, not the clock's.
export function heard(iso) {
  const found = Date.parse(iso);
  if (!Number.isNaN(found) && Math.abs(found - serverNow()) > 2000) offset = found - Date.now();
}

const hands = new Map();
function clockIn(zone) {
  if (!hands.has(zone)) {
    hands.set(zone, new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }));
  }
  return hands.get(zone);
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  const now = serverNow();
  for (const element of document.querySelectorAll("time[data-clock]")) {
    say(element, clockIn(element.dataset.clock).format(now));
  }
  for (const element of document.querySelectorAll("time[data-rel]")) {
    const seconds = (Date.parse(element.dateTime) - now) / 1000;
    say(element, element.dataset.rel === "age" ? duration(seconds) : relative(seconds));
  }
  for (const element of document.querySelectorAll("[data-due]")) {
    const seconds = (Date.parse(element.dataset.due) - now) / 1000;
    say(element, countdown(seconds, "seconds" in element.dataset));
    const warned = element.dataset.warn && Date.parse(element.dataset.warn) <= now;
    element.classList.toggle("ink-bad", seconds < 0);
    element.classList.toggle("ink-watch", seconds >= 0 && Boolean(warned));
    const bar = element.closest(".promise")?.querySelector(".sla");
    if (bar) {
      bar.classList.toggle("sla-late", seconds < 0);
      bar.classList.toggle("sla-warn", seconds >= 0 && Boolean(warned));
    }
  }
}

tick();
setInterval(() => { if (!document.hidden) tick(); }, 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
document.addEventListener("ms:swapped", tick);
document.addEventListener("htmx:afterSettle", tick);
