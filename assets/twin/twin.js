// The static site: the exhibit's own script, fed by the model in this browser, or from a recording.
import exhibit from "../page/exhibit.js";
import { sentence } from "../engine/fault.js";
import { Machine } from "../live/machine.js";

const { live, recorded } = JSON.parse(document.querySelector("#site").textContent);
const form = document.querySelector(".ask");
const input = document.querySelector("#path");
const trouble = document.querySelector(".trouble");
const waits = document.querySelector(".waits");
const download = document.querySelector('[data-action="download"]');
const known = new Set([...document.querySelectorAll("#paths option")].map((option) => option.value));
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

async function write(path, mine) {
  try {
    await machine.write(`linux/${path}`);
  } catch (error) {
    if (mine !== asked) return;
    trouble.textContent = `${sentence(error)}${recorded ? " What follows is the recording." : ""}`;
    if (recorded) await replay(path, mine);
  }
}

// `how`: "live" or "replay".
function ask(text, how, remember) {
  const path = fileOf(text);
  trouble.textContent = "";
  if (!path) {
    trouble.textContent = text ? `There is no file “${text}” here. Choose one of the list.` : "Choose a file first.";
    return;
  }
  input.value = path;
  if (remember) history.pushState(null, "", `?path=${path}`);
  const mine = ++asked;
  if (how === "live") write(path, mine);
  else replay(path, mine);
}

// What the address names, or else the file that the page comes with. A model is fetched only if somebody asks for it.
function follow() {
  const text = new URLSearchParams(location.search).get("path") || input.value;
  if (recorded) ask(text, "replay", false);
  else if (fileOf(text)) input.value = fileOf(text);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(input.value, event.submitter?.value ?? (live ? "live" : "replay"), true);
});
document.querySelector("#stop")?.addEventListener("click", () => machine.stop());
document.querySelector(".map").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(new URL(link.href).searchParams.get("path"), recorded ? "replay" : "live", true);
  scrollTo({ top: 0 });
});
addEventListener("popstate", follow);
follow();
