// The twin: the exhibit's own script, fed from a recording, which holds the updates that the page got.
import exhibit from "./exhibit.js";

const form = document.querySelector(".ask");
const input = document.querySelector("#path");
const trouble = document.querySelector(".trouble");
const download = document.querySelector('[data-action="download"]');
const known = new Set([...document.querySelectorAll("#paths option")].map((option) => option.value));
const panel = document.querySelector(".panel"); // what else it offers needs a server
panel.replaceChildren(download);
panel.hidden = false;
const props = { value: null };
let changed = () => {};
exhibit(document.body, props, (_, callback) => { changed = callback; });

let replay = 0; // number of the replay that was asked for last; an older one that is fetched later is left out

// Text of any kind becomes the name of a recording only if there is such a recording.
function recorded(text) {
  const path = text.trim().replace(/^\/*linux\//, "");
  if (known.has(path)) return path;
  const ends = [...known].filter((name) => name.endsWith(`/${path}`));
  return ends.length === 1 ? ends[0] : null;
}

async function read(path) {
  const answer = await fetch(`data/linux/${path}.json.gz`);
  if (!answer.ok) throw new Error(`The recording of ${path} can't be fetched (${answer.status}).`);
  const data = new Uint8Array(await answer.arrayBuffer());
  if (data[0] !== 0x1f || data[1] !== 0x8b) return JSON.parse(new TextDecoder().decode(data)); // the host has unpacked it
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

async function play(path) {
  const mine = ++replay;
  trouble.textContent = "";
  let recording;
  try {
    recording = await read(path);
  } catch (error) {
    trouble.textContent = error.message;
    return;
  }
  if (mine !== replay) return;
  for (const update of recording.updates) {
    props.value = { rows: "", ticks: "", settle: "", download: "", ...update, run: `${path} ${mine}` };
    if (update.state !== "running") {
      URL.revokeObjectURL(download.href);
      props.value.download = URL.createObjectURL(new Blob([recording.text], { type: "text/plain" }));
      download.download = path.split("/").pop();
    }
    changed(); // the player shows them at its own speed
  }
}

function ask(text, remember) {
  const path = recorded(text);
  if (!path) {
    trouble.textContent = text ? `There is no recording of “${text}”. Choose one of the list.` : "Choose a file first.";
    return;
  }
  input.value = path;
  if (remember) history.pushState(null, "", `?path=${path}`);
  play(path);
}

function follow() {
  ask(new URLSearchParams(location.search).get("path") || input.value, false); // without one, the file that the page comes with
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(input.value, true);
});
document.querySelector(".map").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(new URL(link.href).searchParams.get("path"), true);
  scrollTo({ top: 0 });
});
addEventListener("popstate", follow);
follow();
