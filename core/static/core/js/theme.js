// Theme: follows the system, light or dark; kept in a cookie so that the server renders it.
import { said } from "./said.js";

const WORDS = { "": said("theme"), light: said("theme_light"), dark: said("theme_dark") };
const NEXT = { "": "light", light: "dark", dark: "" };
const root = document.documentElement;

function show() {
  const chosen = root.dataset.bsTheme || "";
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.hidden = false;
    button.setAttribute("aria-label", WORDS[chosen]);
    button.title = WORDS[chosen];
    const use = button.querySelector("use");
    const href = use?.getAttribute("href") ?? "";
    use?.setAttribute("href", href.replace(/#.*/, { "": "#moon-stars", light: "#sun", dark: "#moon" }[chosen]));
  }
}

function choose(theme) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  if (theme) root.dataset.bsTheme = theme;
  else delete root.dataset.bsTheme;
  document.cookie = theme
    ? `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`
    : `theme=; path=/; max-age=0; samesite=lax${secure}`;
  show();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-toggle]")) choose(NEXT[root.dataset.bsTheme || ""]);
});
show();
