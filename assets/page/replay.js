// Emissions that were recorded with the site.
import { Fault } from "../engine/fault.js";

async function read(path, root) {
  const answer = await fetch(`data/${root}/${path}.json.gz`);
  if (!answer.ok) throw new Fault(`The recording of ${path} can't be fetched (${answer.status}).`);
  const data = new Uint8Array(await answer.arrayBuffer());
  if (data[0] !== 0x1f || data[1] !== 0x8b) return JSON.parse(new TextDecoder().decode(data)); // the host has unpacked it
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

export class Replay {
  #asked = 0;
  #address = "";

  /** `show(update, path)` gets the updates. `root`: the folder that all files lie in. */
  constructor(show, root) {
    this.show = show;
    this.root = root;
  }

  /** Play a file's recording; one that is asked for later comes instead. Throws Fault. */
  async write(path) {
    const mine = ++this.#asked;
    const { updates, text } = await read(path, this.root);
    if (mine !== this.#asked) return;
    URL.revokeObjectURL(this.#address);
    this.#address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    for (const update of updates) {
      const download = update.state === "running" ? "" : this.#address;
      this.show({ rows: "", ticks: "", settle: "", ...update, download, run: `recorded ${path} ${mine}` }, path);
    }
  }

  leave() {
    this.#asked++;
  }
}
