// Links and the share panel. The exhibit's own script says which run it shows; this one keeps the address bar in step with it,
// follows the line that an address names, and hands out what the server makes of a run.
import { askedFor, mendAddress, sayUnknown, setAddress, tellHost } from "./address.js";

const state = { exhibit: null, run: null, kept: null, search: location.search };

function find(selector) {
  return state.exhibit.querySelector(selector);
}

function attach(exhibit) {
  state.exhibit = exhibit;
  new MutationObserver(keepAddress).observe(find('[data-field="address"]'), { childList: true, characterData: true, subtree: true });
  new MutationObserver(changed).observe(exhibit, { attributes: true, attributeFilter: ["data-state", "data-run"] });
  exhibit.addEventListener("click", clicked);
  sayUnknown(find(".of-link"));
}

// The address bar holds what is shown: opened again, it shows the same. A line named in it stays while the emission does.
function keepAddress() {
  const query = find('[data-field="address"]').textContent;
  if (!state.exhibit.dataset.run) return;
  const asked = askedFor().values.path;
  const path = new URLSearchParams(query).get("path");
  const same = asked && path && (path === asked || path.endsWith(`/${asked}`));
  const theme = new URLSearchParams(location.search).get("__theme"); // Gradio's, light or dark
  const shown = [query, theme && `__theme=${encodeURIComponent(theme)}`].filter(Boolean).join("&");
  const wanted = `${location.pathname}${shown ? `?${shown}` : ""}${same ? location.hash : ""}`;
  if (!query && !find('[data-field="reproduced"]').textContent) return;
  // An emission completes the address that led here; any other one is a step that Back undoes.
  const step = Boolean(query && !same);
  if (step) sayUnknown(find(".of-link"), []);
  setAddress(wanted, { step });
  state.search = location.search;
}

function changed() {
  const { run, state: now } = state.exhibit.dataset;
  const panel = find(".panel");
  panel.hidden = !(now === "done" || now === "stopped") || state.exhibit.hasAttribute("data-opening");
  if (run !== state.run) {
    document.title = "Linux as a Model";
    state.run = run;
    state.kept = null;
    find(".panel textarea").hidden = true;
    find(".panel output").textContent = "";
  }
  if (now === "done" || now === "stopped") {
    if (panel.hidden) return;
    document.title = `${find('[data-field="file"]').textContent}: ${find('[data-field="reproduced"]').textContent} – Linux as a Model`;
    followLine();
    prepare();
  }
}

// #L120: the original's line 120.
function followLine() {
  const number = /^#L(\d+)$/.exec(location.hash)?.[1];
  if (number) state.exhibit.dispatchEvent(new CustomEvent("laam-line", { detail: Number(number) }));
}

async function prepare() {
  if (state.kept || !state.run) return;
  const run = state.run;
  if (run.startsWith("local ")) { // the server doesn't know what this browser wrote
    state.kept = { link: location.href.split("#")[0] };
    return offer();
  }
  const answer = await fetch(`run/${run}/share.json`).catch(() => null);
  if (run !== state.run) return;
  if (!answer?.ok) {
    find(".panel output").textContent = "This emission is no longer kept. Run it again.";
    return;
  }
  state.kept = await answer.json();
  offer();
}

function offer() {
  for (const link of state.exhibit.querySelectorAll("[data-save]")) {
    const address = state.kept[link.dataset.save];
    link.hidden = !address;
    if (!address) continue;
    link.href = address;
    link.download = decodeURIComponent(new URL(link.href).pathname.split("/").pop());
  }
  for (const button of state.exhibit.querySelectorAll("[data-copy]")) button.hidden = !state.kept[button.dataset.copy];
  find(".panel .cited").hidden = !state.kept.cite;
  if (!state.kept.link) find(".panel output").textContent = "What comes from source text has no link: it is too long for an address.";
}

async function copy(button) {
  await prepare();
  const text = button.dataset.copy === "link" && state.kept?.link ? state.kept.link + location.hash : state.kept?.[button.dataset.copy];
  if (!text) return;
  const area = find(".panel textarea");
  area.value = text;
  area.hidden = false; // to be copied by hand, where a browser doesn't let a page do it
  try {
    await navigator.clipboard.writeText(text);
    find(".panel output").textContent = "Copied.";
  } catch {
    area.select();
    find(".panel output").textContent = "Select and copy it below.";
  }
}

function clicked(event) {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  const row = event.target.closest(".row");
  if (row?.dataset.o && event.target.classList.contains("n")) {
    setAddress(`${location.pathname}${location.search}#L${row.dataset.o}`);
    find(".panel output").textContent = `The address leads to line ${row.dataset.o} now; “link” copies it.`;
    followLine();
  }
}

addEventListener("popstate", () => {
  if (location.search !== state.search) location.reload();
});
addEventListener("hashchange", () => {
  tellHost();
  if (state.exhibit) followLine();
});
mendAddress();
const waiting = new MutationObserver(() => {
  const exhibit = document.querySelector(".exhibit");
  if (exhibit && exhibit !== state.exhibit) attach(exhibit);
});
waiting.observe(document, { childList: true, subtree: true });
