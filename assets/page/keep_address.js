// The address bar holds what is shown: opened again, it shows the same. A line named in it, #L120, stays while the emission does.
import { askedFor, mendAddress, sayUnknown, setAddress, tellHost } from "./address.js";
import { showLine } from "./exhibit.js";

const exhibit = document.querySelector(".exhibit");
const ofLink = document.querySelector(".of-link");
let search = location.search;

/** Name a line of the original in the address, counted from 1, and go there. */
export function nameLine(number) {
  setAddress(`${location.pathname}${location.search}#L${number}`);
  followLine();
}

// An emission completes the address that led here; any other one is a step that Back undoes.
function keep({ detail: query }) {
  if (exhibit.hasAttribute("data-opening")) return;
  const [asked, path] = [askedFor().values, new URLSearchParams(query).get("path")];
  const same = path ? asked.path && (path === asked.path || path.endsWith(`/${asked.path}`)) : query && !asked.path && asked.t;
  const theme = new URLSearchParams(location.search).get("__theme"); // light or dark, as the Hub asks for it
  const shown = [query, theme && `__theme=${encodeURIComponent(theme)}`].filter(Boolean).join("&");
  const wanted = `${location.pathname}${shown ? `?${shown}` : ""}${same ? location.hash : ""}`;
  const step = Boolean(query && !same);
  if (step) sayUnknown(ofLink, []);
  setAddress(wanted, { step });
  search = location.search;
}

function followLine() {
  const number = /^#L(\d+)$/.exec(location.hash)?.[1];
  if (number) showLine(Number(number));
}

addEventListener("laam-address", keep);
addEventListener("laam-seen", followLine);
addEventListener("hashchange", () => {
  tellHost();
  followLine();
});
addEventListener("popstate", () => {
  if (location.search !== search) location.reload();
});
sayUnknown(ofLink);
mendAddress();
