// The worker: prompts come in as token ids, ids go out. No file, no text, no network.
// In:  { load: { wasm, model, lanes } }, { prompt: see Lanes.add }, { drop: keys }.
// Out: { ready: true }, { written: [[key, ids, ended], …] }, { fault: sentence }.
import { sentence } from "./fault.js";
import { Lanes } from "./lanes.js";
import { Llama } from "./llama.js";

const REPORT_MS = 30; // between reports, while no prompt ends

// Serves a port: this worker's own, or one end of a MessageChannel where there are no workers.
export function serve(port) {
  let lanes = null;
  let running = false;
  const turns = new MessageChannel(); // a turn of the event loop, so that messages get in; setTimeout waits 4 ms
  const turn = () => new Promise((resolve) => {
    turns.port1.onmessage = resolve;
    turns.port2.postMessage(null);
  });

  const report = (written) => {
    port.postMessage({ written: [...written].map(([key, { ids, ended }]) => [key, ids, ended]) });
    written.clear();
  };

  const run = async () => {
    running = true;
    const written = new Map();
    let reported = performance.now();
    while (lanes.open.length) {
      let anyEnded = false;
      for (const [key, id, ended] of lanes.step()) {
        const entry = written.get(key) ?? { ids: [], ended: false };
        entry.ids.push(id);
        entry.ended = ended;
        anyEnded ||= ended;
        written.set(key, entry);
      }
      if (anyEnded || performance.now() - reported > REPORT_MS) {
        report(written);
        reported = performance.now();
      }
      await turn();
    }
    if (written.size) report(written);
    running = false;
  };

  const take = async ({ load, prompt, drop }) => {
    if (load) {
      lanes = new Lanes(await Llama.load(load.wasm, load.model, load.lanes));
      port.postMessage({ ready: true });
    } else if (drop) {
      const keys = new Set(drop);
      lanes.drop((key) => keys.has(key));
    } else if (prompt) {
      lanes.add(prompt);
      if (!running) await run();
    }
  };
  port.onmessage = ({ data }) => take(data).catch((error) => port.postMessage({ fault: sentence(error) }));
}

if (typeof DedicatedWorkerGlobalScope !== "undefined" && globalThis instanceof DedicatedWorkerGlobalScope) serve(globalThis);
