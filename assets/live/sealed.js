// Reads the sealed originals: the file that laam/serving/browser.py writes; its docstring has the layout.
import { readTensors } from "../engine/tensors.js";
import { LineIndex } from "./lookup.js";

const SEALED_FORMAT = "laam-sealed-2";

export class Sealed {
  #index = null;

  // `file`: Uint8Array. Throws Fault.
  constructor(file) {
    const { header, copy } = readTensors(file, "The file of digests", SEALED_FORMAT);
    this.digests = new BigUint64Array(copy("digests").buffer);
    this.lengths = new Uint16Array(copy("lengths").buffer);
    this.common = new Set(new BigUint64Array(copy("common").buffer));
    this.header = header;
    this.files = new Map();
    this.root = header.files[0]?.path.split("/")[0] ?? ""; // the folder that all files lie in
    let start = 0;
    for (const facts of header.files) {
      this.files.set(facts.path, { ...facts, start });
      start += facts.lines;
    }
  }

  // The original of the one file whose path this is, or ends with it; null if there is none.
  find(text) {
    const path = text.trim().replace(/^\/+/, "");
    for (const whole of [path, `${this.root}/${path}`]) if (this.files.has(whole)) return this.original(whole);
    const ends = path ? [...this.files.keys()].filter((name) => name.endsWith(`/${path}`)) : [];
    return ends.length === 1 ? this.original(ends[0]) : null;
  }

  // A name like most files have, by which a text of unknown origin is coloured.
  get usualName() {
    const counts = new Map();
    for (const path of this.files.keys()) {
      const suffix = /[^/.](\.[^./]*)$/.exec(path)?.[1].toLowerCase() ?? "";
      counts.set(suffix, (counts.get(suffix) ?? 0) + 1);
    }
    const [most] = [...counts].sort(([, one], [, other]) => other - one);
    return `emission${most?.[0] ?? ""}`;
  }

  // Where each line stands; made when it is needed first.
  get index() {
    return (this.#index ??= new LineIndex(this));
  }

  // What an emission is held against: { path, size, sha256, digests, lengths, common, learned, limit, heading, firstLine, whole }. `learned` is
  // whether the model was trained on the file, `limit` how many tokens its text in a strip may take, `heading` what the page says of it. From line `firstLine` on, or from the file's end if
  // it is beyond that; `whole` is the file from its beginning.
  original(path, firstLine = 0) {
    const { start, lines, heading, ...facts } = this.files.get(path);
    const from = Math.min(firstLine, lines);
    const part = [start + from, start + lines];
    const original = {
      ...facts,
      digests: this.digests.subarray(...part),
      lengths: this.lengths.subarray(...part),
      common: this.common,
      heading: { ...this.header.heading, ...heading },
      firstLine: from,
    };
    original.whole = from ? this.original(path) : original;
    return original;
  }
}
