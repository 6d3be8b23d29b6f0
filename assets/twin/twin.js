// The static site: the exhibit's own script, fed by the model in this browser, or from a recording.
import { askedFor, mendAddress, sayUnknown, setAddress, tellHost } from "../page/address.js";
import "../page/asking.js";
import exhibit from "../page/exhibit.js";
import "../page/lab.js";
import "../page/shows.js";
import { sentence } from "../engine/fault.js";
import { askOfLink, queryOf, readKnob } from "../live/knobs.js";
import { Machine } from "../live/machine.js";

const { live, recorded, knobs, model } = JSON.parse(document.querySelector("#site").textContent);
const form = document.querySelector(".ask");
const input = document.querySelector("#path");
const trouble = document.querySelector(".trouble");
const waits = document.querySelector(".waits");
const download = document.querySelector('[data-action="download"]');
const known = new Set([...document.querySelectorAll("#paths option")].map((option) => option.value));
const ofLink = document.querySelector(".of-link");
const panel = document.querySelector(".panel"); // what else it offers needs a server
panel.replaceChildren(download);
panel.hidden = false;
const props = { value: null };
let changed = () => {};
exhibit(document.body, props, (_, callback) => { changed = callback; });
const machine = live && new Machine({
  ...live,
  engine: { wasm: "engine/engine.wasm", worker: "engine/worker.js", model: live.model, sha256: live.sha256 },
  show,
  tell: (text) => { waits.textContent = text; },
});

let asked = 0; // number of what was asked for last; an older one that comes later is left out

// Text of any kind becomes the name of a file only if there is such a file.
function fileOf(text) {
  const path = text.trim().replace(/^\/*linux\//, "");
  if (known.has(path)) return path;
  const ends = [...known].filter((name) => name.endsWith(`/${path}`));
  return ends.length === 1 ? ends[0] : null;
}

// The settings in the panel. Throws Fault.
function settings() {
  const value = ({ name }) => document.getElementById(name);
  return Object.fromEntries(knobs.map((knob) => [knob.name, "low" in knob ? readKnob(knob, value(knob).value) : value(knob).checked]));
}

function setControls(values) {
  for (const { name } of knobs) Object.assign(document.getElementById(name), { value: String(values[name]), checked: values[name] === true });
}

// Says why something can't be asked for; nothing, to take it back.
function refuse(refused) {
  dispatchEvent(new CustomEvent("laam-refused", { detail: { refused } }));
}

function show(update, path) {
  props.value = update;
  if (update.state !== "running") {
    URL.revokeObjectURL(download.href);
    download.download = path.split("/").pop();
  }
  changed(); // the player shows it at its own speed
}

async function read(path) {
  const answer = await fetch(`data/linux/${path}.json.gz`);
  if (!answer.ok) throw new Error(`The recording of ${path} can't be fetched (${answer.status}).`);
  const data = new Uint8Array(await answer.arrayBuffer());
  if (data[0] !== 0x1f || data[1] !== 0x8b) return JSON.parse(new TextDecoder().decode(data)); // the host has unpacked it
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

async function replay(path, mine) {
  machine?.leave();
  let recording;
  try {
    recording = await read(path);
  } catch (error) {
    trouble.textContent += ` ${error.message}`;
    return;
  }
  if (mine !== asked) return;
  for (const update of recording.updates) {
    const text = update.state === "running" ? "" : URL.createObjectURL(new Blob([recording.text], { type: "text/plain" }));
    show({ rows: "", ticks: "", settle: "", ...update, download: text, run: `recorded ${path} ${mine}` }, path);
  }
}

// `ask`: see questionOf; `instead`: the file whose recording is shown where the model can't run.
async function write(ask, mine, instead = "") {
  try {
    await machine.write(ask);
  } catch (error) {
    if (mine !== asked) return;
    trouble.textContent = `${sentence(error)}${instead ? " What follows is the recording." : ""}`;
    if (instead) await replay(instead, mine);
  }
}

// Begins something new, which `address` stands for; gives its number.
function begin(address) {
  refuse("");
  trouble.textContent = "";
  if (address !== null) sayUnknown(ofLink, []);
  if (address !== null && origin !== "null") setAddress(address, { step: true }); // a frame without an origin keeps its address
  return ++asked;
}

// `how`: "live" or "replay".
function askFile(text, how, remember) {
  const path = fileOf(text);
  if (!path) {
    refuse(text ? `There is no file “${text}” here. Choose one of the list.` : "Choose a file first.");
    return;
  }
  input.value = path;
  if (how === "replay") {
    replay(path, begin(remember ? `?path=${path}` : null));
    return;
  }
  const chosen = settings();
  write({ path: `linux/${path}`, settings: chosen }, begin(remember ? `?${queryOf(path, chosen, knobs)}` : null), recorded ? path : "");
}

function askSource(source) {
  if (!source) refuse("Type or paste some code for the model to continue.");
  else write({ source, settings: settings() }, begin(location.pathname)); // it is too long for an address
}

// Runs what a visitor asked for; what makes no sense is told, and begins nothing.
function attempt(action) {
  try {
    action();
  } catch (error) {
    refuse(sentence(error));
  }
}

// What the address names, or else the file that the page comes with. Without a path in the address, nobody has asked for the model.
function follow() {
  const { values, unknown } = askedFor();
  sayUnknown(ofLink, [...unknown, ...(values.model && values.model !== model ? ["model"] : [])]);
  if (!("path" in values)) {
    if (recorded) askFile(input.value, "replay", false);
    return;
  }
  const { path, settings: given } = askOfLink(values, knobs);
  const isUsual = knobs.every((knob) => given[knob.name] === knob.default);
  if (live) setControls(given);
  askFile(path, recorded && (isUsual || !live) ? "replay" : "live", false);
}

form.addEventListener("click", (event) => { // not "submit", which a sandboxed frame doesn't get; Enter clicks the first button
  const button = event.target.closest("button[value]");
  if (!button) return;
  event.preventDefault();
  attempt(() => askFile(input.value, button.value, true));
});
document.querySelector("#stop")?.addEventListener("click", () => machine.stop());
document.querySelector("#continue")?.addEventListener("click", () => attempt(() => askSource(document.querySelector("#source").value)));
document.querySelector(".map").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  attempt(() => askFile(new URL(link.href).searchParams.get("path"), recorded ? "replay" : "live", true));
  scrollTo({ top: 0 });
});
addEventListener("popstate", () => {
  tellHost();
  attempt(follow);
});
mendAddress();
attempt(follow);
