// The front page, of the server and of the exported site: what somebody asks for goes to who answers it, and what comes is shown. Only who
// answers differs: the server, a recording, or the model in this browser.
import { askedFor, mendAddress, sayUnknown, setAddress, tellHost } from "./address.js";
import { refuse, tell } from "./asking.js";
import { lose, showUpdate } from "./exhibit.js";
import { Fault, sentence } from "../engine/fault.js";
import { askOfLink, queryOf, readKnob } from "../live/knobs.js";
import "./marks.js";

export const site = JSON.parse(document.querySelector("#site").textContent);
const { knobs } = site;
const field = document.querySelector("#path");
const box = document.querySelector("#source");
const ofLink = document.querySelector(".of-link");
const download = document.querySelector('.exhibit [data-action="download"]');
const known = new Set([...document.querySelectorAll("#files option")].map((option) => option.value));
const server = site.server ? await serverOf() : null;
const replay = site.recorded ? new (await import("./replay.js")).Replay(showLocal, site.root) : null;
const LOSSY = ["bits", "noise", "pruned"];
const ONLY_BITS = "In your browser the model can be rounded to fewer bits, but takes no noise and isn’t pruned: leave noise and pruned at 0.";
let machine = null; // the model in this browser, made when it is asked for first

async function serverOf() {
  const { Server } = await import("./server.js");
  return new Server(showUpdate, lose);
}

async function machineOf() {
  const facts = site.live || (await (await fetch("browser.json")).json());
  const { Machine } = await import("../live/machine.js").catch(() => {
    dispatchEvent(new CustomEvent("laam-unloaded", { detail: new URL("../live/machine.js", import.meta.url).href }));
    throw new Fault("The scripts of the model could not be loaded.");
  });
  const at = (name) => new URL(name, document.baseURI).href;
  const rounding = { model: at(facts.rounding), sha256: facts.roundingSha256 };
  const engine = { wasm: at("engine/engine.wasm"), worker: at("engine/worker.js"), model: at(facts.model), sha256: facts.sha256, rounding };
  return new Machine({ ...facts, engine, sealed: at(facts.sealed), show: showLocal, tell });
}

/** The model in this browser. Throws Fault. */
export async function machineHere() {
  return (machine ??= await machineOf());
}

// What this browser made has no name of a file in its address.
function showLocal(update, path) {
  if (update.state !== "running") download.download = path.split("/").pop();
  showUpdate(update);
}

const control = ({ name }) => document.getElementById(name);
const picked = () => document.querySelector("#models input:checked")?.value ?? "";

// In a query, the model that was picked instead of the one that the page shows.
const another = () => (picked() && picked() !== site.shown ? { model: picked() } : {});

// Whether a model can be picked on this page; it is then.
function pickModel(name) {
  const choice = document.querySelector(`#models input[value="${CSS.escape(name)}"]`);
  if (choice) choice.checked = true;
  return Boolean(choice);
}

// The settings on the page. Throws Fault.
function settings() {
  const read = (knob) => ("low" in knob ? (control(knob).closest("[hidden]") ? knob.default : readKnob(knob, control(knob).value)) : control(knob).checked);
  return Object.fromEntries(knobs.map((knob) => [knob.name, read(knob)]));
}

function setControls(values) {
  for (const knob of knobs) Object.assign(control(knob), { value: String(values[knob.name]), checked: values[knob.name] === true });
}

/** A path as people write it, without the folder that all files lie in. */
export function withoutRoot(path) {
  return path.startsWith(`${site.root}/`) ? path.slice(site.root.length + 1) : path;
}

// A site knows only its own files; a server answers for any name.
function fileOf(text) {
  const path = withoutRoot(text.trim().replace(/^\/+/, ""));
  if (server || known.has(path)) return path;
  const ends = [...known].filter((name) => name.endsWith(`/${path}`));
  return ends.length === 1 ? ends[0] : null;
}

function leave() {
  for (const each of [server, replay, machine]) each?.leave();
}

/** Let `who` ("server", "live" or "replay") answer an ask: { path, source, settings, query }. What can't be asked is said under the field. */
async function answer(who, ask) {
  leave();
  refuse();
  try {
    if (who === "server") {
      download.removeAttribute("download");
      await server.write(ask.query, ask.source);
    } else if (who === "replay") await replay.write(ask.path);
    else {
      if (ask.settings.noise || ask.settings.pruned) throw new Fault(ONLY_BITS);
      await (await machineHere()).write(ask.source ? { source: ask.source, settings: ask.settings } : { path: ask.path, settings: ask.settings });
    }
  } catch (error) {
    if (error.answer?.here) return answer("live", { ...ask, path: error.answer.here });
    const instead = who === "live" && replay && ask.path;
    refuse(error.answer ?? { refused: `${sentence(error)}${instead ? " What follows is the recording." : ""}` });
    if (instead) await replay.write(ask.path);
  }
}

/** Ask for what stands in the field, or for source; `extra`: more of the link's query. */
function ask({ who = field.form.querySelector("button[value]").value, text = field.value, source = "", extra = {}, pieces = null } = {}) {
  const path = source || extra.t ? "" : fileOf(text);
  if (path === null) return refuse({ refused: text ? `There is no file “${text}” here. Choose one of the list.` : "Choose a file first." });
  if (path === "" && !source && !extra.t) return refuse({ refused: "Choose a file, or type the name of one." });
  const chosen = { ...settings(), ...(pieces === null ? {} : { pieces }) };
  const query = [queryOf(path, chosen, knobs), new URLSearchParams({ ...another(), ...extra }).toString()].filter(Boolean).join("&");
  if (!server) remember(path ? `?${query}` : location.pathname); // source has no link
  if (!source) field.value = path;
  return answer(who, { path, source, settings: chosen, query });
}

// A site's address is what was asked; the server completes the address of what it shows: see keep_address.js. A frame without an origin keeps its address.
function remember(address) {
  sayUnknown(ofLink, []);
  if (origin !== "null") setAddress(address, { step: true });
}

// Whatever makes no sense is said under the field, and begins nothing.
function attempt(action) {
  try {
    action();
  } catch (error) {
    refuse({ refused: sentence(error) });
  }
}

// What the address names; without a path in it nobody has asked for anything, and the page plays by itself.
async function follow() {
  const { values, unknown } = askedFor();
  if (!server) sayUnknown(ofLink, [...unknown, ...(values.model && values.model !== site.model ? ["model"] : []), ...(values.against ? ["against"] : [])]);
  pickModel(values.model ?? "");
  if (server && !values.path && values.t) {
    field.value = "";
    return answer("server", { path: "", source: "", query: location.search.slice(1) });
  }
  if (!values.path) {
    if (server) (await import("./opening.js")).playOpening();
    else if (replay) answer("replay", { path: field.value });
    return;
  }
  field.value = withoutRoot(values.path);
  let given = null;
  try {
    given = askOfLink(values, knobs).settings;
    setControls(given);
  } catch (error) {
    if (!server) throw error; // the server says it itself
  }
  if (server) return answer("server", { path: field.value, source: "", query: location.search.slice(1) });
  const isUsual = knobs.every((knob) => given[knob.name] === knob.default);
  const path = fileOf(field.value);
  if (path === null) return refuse({ refused: `There is no file “${field.value}” here. Choose one of the list.` });
  field.value = path;
  return answer(replay && (isUsual || !site.live) ? "replay" : "live", { path, source: "", settings: given });
}

field.form.addEventListener("click", (event) => { // not "submit", which a sandboxed frame doesn't get; Enter clicks the first button
  const button = event.target.closest("button[value]");
  if (!button) return;
  event.preventDefault();
  attempt(() => ask({ who: button.value }));
});
document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.closest("#stop")) for (const each of [server, machine]) each?.stop();
  if (target.closest("#continue")) attempt(() => goOn(box.value));
  if (target.closest("[data-local]")) attempt(() => ask({ who: "live" }));
  const chip = target.closest("[data-ask], [data-anyway], [data-snippet], [data-t], [data-link]");
  if (!chip || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (chip.dataset.model && !pickModel(chip.dataset.model)) return; // the link leads there
  event.preventDefault();
  if ("link" in chip.dataset) {
    setAddress(chip.getAttribute("href"), { step: true });
    attempt(follow);
  } else if (chip.dataset.snippet) attempt(() => snippet(chip.dataset.snippet));
  else if (chip.dataset.anyway) attempt(() => ask({ text: chip.dataset.anyway, extra: { anyway: 1 }, pieces: 0 }));
  else if (chip.dataset.ask) attempt(() => {
    if (chip.dataset.model) setControls({ ...settings(), ...Object.fromEntries(LOSSY.map((name) => [name, 0])) }); // a row is of the model as shipped
    ask({ text: chip.dataset.ask, pieces: 0 });
  });
  else attempt(() => ask({ text: "", extra: { t: chip.dataset.t } })); // no prompt: the model chooses a file
});

function goOn(source) {
  const limit = Number(box.dataset.limit);
  const length = [...source].length; // what is too long is said at once, and never cut
  if (!source) return refuse({ refused: "Type or paste some code for the model to continue." });
  if (length > limit) return refuse({ refused: `You pasted ${length.toLocaleString("en")} characters; give at most ${limit.toLocaleString("en")}.` });
  return ask({ source });
}

// Some lines, as the model itself writes them.
async function snippet(query) {
  const reply = await fetch(`snippet?${[query, new URLSearchParams(another())].join("&")}`).catch(() => null);
  if (!reply?.ok) return refuse({ refused: (await reply?.json().catch(() => null))?.detail ?? "The exhibit can’t be reached. Try again in a moment." });
  box.value = await reply.text();
  return goOn(box.value);
}

// What stands below the panes is fetched when it is near, or when somebody asks for something: at once, since it moves all that is below it.
function bringLosing() {
  const exhibit = document.querySelector(".exhibit");
  const bring = () => {
    near.disconnect();
    import("./forget.js").catch(() => {}); // nobody is there to ask then, which the rest of the page says
  };
  const near = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && bring(), { rootMargin: "0px 0px 300px" });
  near.observe(exhibit.querySelector(".signs"));
  addEventListener("laam-begun", () => exhibit.hasAttribute("data-opening") || bring());
}
if (document.querySelector(".forget")) bringLosing();

const theme = new URLSearchParams(location.search).get("__theme"); // as the Hub asks for it
if (["light", "dark"].includes(theme)) document.documentElement.style.colorScheme = theme;
if (!server) {
  addEventListener("popstate", () => {
    tellHost();
    attempt(follow);
  });
  const panel = document.querySelector(".panel"); // what else it offers needs a server
  download.textContent = "save the text";
  panel.replaceChildren(download);
  panel.hidden = false;
  mendAddress();
}
attempt(() => follow().catch((error) => refuse({ refused: sentence(error) })));
