// The same panes, fed by the model in the visitor's own browser: if the visitor wants it so, or the server is full.
import { home } from "./home.js";

const exhibit = () => document.querySelector(".exhibit");
let machine = null;

function say(text) {
  dispatchEvent(new CustomEvent("laam-refused", { detail: { refused: text } }));
}

function show(update, path) {
  exhibit().dispatchEvent(new CustomEvent("laam-update", { detail: update }));
  if (update.state !== "running") exhibit().querySelector('[data-action="download"]').download = path.split("/").pop();
}

async function open() {
  const at = (name) => new URL(name, home()).href;
  const answer = await fetch(at("browser.json"));
  if (!answer.ok) throw new Error(`The model can't be fetched: its host answers ${answer.status}.`);
  const facts = await answer.json();
  const { Machine } = await import(at("live/machine.js")).catch(() => {
    dispatchEvent(new CustomEvent("laam-unloaded", { detail: at("live/machine.js") }));
    throw new Error("Its scripts could not be loaded.");
  });
  const engine = { wasm: at("engine/engine.wasm"), worker: at("engine/worker.js"), model: at(facts.model), sha256: facts.sha256 };
  return new Machine({ ...facts, engine, sealed: at(facts.sealed), show, tell: say });
}

async function write(path) {
  try {
    machine ??= await open();
    await machine.write({ path });
  } catch (error) {
    say(error.message);
  }
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-local]")) write(document.querySelector("#path input").value);
  if (event.target.closest("#stop")) machine?.stop();
}, true);

// The server had no room for it.
addEventListener("laam-refused", ({ detail }) => detail.here && write(detail.here));
// Another run has begun, which the server names by itself.
addEventListener("laam-begun", () => {
  if (exhibit().dataset.run.startsWith("local ")) return;
  machine?.leave();
  exhibit().querySelector('[data-action="download"]').removeAttribute("download");
});
