// Instants and durations in the words of the portal; core/ui/words.py says the same on the server.
const MINUTE = 60, HOUR = 3600, DAY = 86400;

export function duration(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) {
    const hours = Math.floor(whole / HOUR), minutes = Math.floor((whole % HOUR) / MINUTE);
    return minutes ? `${hours} h ${String(minutes).padStart(2, "0")}` : `${hours} h`;
  }
  const days = Math.floor(whole / DAY), hours = Math.floor((whole % DAY) / HOUR);
  return hours ? `${days} d ${hours} h` : `${days} d`;
}

// A countdown with seconds under an hour: "42:10".
export function countdown(seconds, withSeconds) {
  if (seconds < 0) return `${duration(seconds)} late`;
  if (!withSeconds || seconds >= HOUR) return duration(seconds);
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function relative(seconds) {
  if (Math.abs(seconds) < MINUTE) return "just now";
  return seconds < 0 ? `${duration(seconds)} ago` : `in ${duration(seconds)}`;
}
