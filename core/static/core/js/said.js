// What scripts say: the server fills <script type="application/json" id="said"> in the reader's language (core/ui/said.py).
const words = JSON.parse(document.getElementById("said")?.textContent || "{}");

// said("ago", { time: "4 min" }); %(n)d and %(m)02d as in the server's own templates of words.
export function said(key, values = {}) {
  return (words[key] ?? "").replace(/%\((\w+)\)(?:0(\d))?[sd]/g, (_, name, width) => String(values[name] ?? "").padStart(Number(width) || 0, "0"));
}
