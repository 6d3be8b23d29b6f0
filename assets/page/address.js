// The address bar holds what is shown: opened again, it shows the same. A line named in it, #L120, stays while the emission does.
import { showLine } from "./exhibit.js";

const exhibit = document.querySelector(".exhibit");
let search = location.search;

/** The address of what is shown, with the line that it names. */
export function link() {
  return location.href;
}

/** Name a line of the original in the address, counted from 1, and go there. */
export function nameLine(number) {
  history.replaceState(history.state, "", `${location.pathname}${location.search}#L${number}`);
  followLine();
}

// An emission completes the address that led here; any other one is a step that Back undoes.
function keep({ detail: query }) {
  if (exhibit.hasAttribute("data-opening")) return;
  const given = new URLSearchParams(location.search);
  const [asked, path] = [given.get("path"), new URLSearchParams(query).get("path")];
  const same = asked && path && (path === asked || path.endsWith(`/${asked}`));
  const theme = given.get("__theme"); // light or dark, as the Hub asks for it
  const shown = [query, theme && `__theme=${encodeURIComponent(theme)}`].filter(Boolean).join("&");
  const wanted = `${location.pathname}${shown ? `?${shown}` : ""}${same ? location.hash : ""}`;
  history[query && !same ? "pushState" : "replaceState"](history.state, "", wanted);
  search = location.search;
}

function followLine() {
  const number = /^#L(\d+)$/.exec(location.hash)?.[1];
  if (number) showLine(Number(number));
}

addEventListener("laam-address", keep);
addEventListener("laam-seen", followLine);
addEventListener("hashchange", followLine);
addEventListener("popstate", () => {
  if (location.search !== search) location.reload();
});
