// Instants and durations in the words of the portal; core/ui/words.py says the same on the server.
import { said } from "./said.js";

const MINUTE = 60, HOUR = 3600, DAY = 86400;

export function duration(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  if (whole < MINUTE) return said("seconds", { n: whole });
  if (whole < HOUR) return said("minutes", { n: Math.floor(whole / MINUTE) });
  if (whole < DAY) {
    const h = Math.floor(whole / HOUR), m = Math.floor((whole % HOUR) / MINUTE);
    return said(m ? "hours_minutes" : "hours", { h, m });
  }
  const d = Math.floor(whole / DAY), h = Math.floor((whole % DAY) / HOUR);
  return said(h && d < 14 ? "days_hours" : "days", { d, h });
}

// A countdown with seconds under an hour: "42:10".
export function countdown(seconds, withSeconds) {
  if (seconds < 0) return said("late", { time: duration(seconds) });
  if (!withSeconds || seconds >= HOUR) return duration(seconds);
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function relative(seconds) {
  if (Math.abs(seconds) < MINUTE) return said("just_now");
  return said(seconds < 0 ? "ago" : "ahead", { time: duration(seconds) });
}
