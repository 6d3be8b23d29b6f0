// Reads the sealed originals: the file that laam/serving/browser.py writes; its docstring has the layout.
import { readTensors } from "../engine/tensors.js";

const SEALED_FORMAT = "laam-sealed-1";

export class Sealed {
  // `file`: Uint8Array. Throws Fault.
  constructor(file) {
    const { header, copy } = readTensors(file, "The file of digests", SEALED_FORMAT);
    this.digests = new BigUint64Array(copy("digests").buffer);
    this.lengths = new Uint16Array(copy("lengths").buffer);
    this.common = new Set(new BigUint64Array(copy("common").buffer));
    this.header = header;
    this.files = new Map();
    let start = 0;
    for (const facts of header.files) {
      this.files.set(facts.path, { ...facts, start });
      start += facts.lines;
    }
  }

  // The original of the one file whose path this is, or ends with it; null if there is none.
  find(text) {
    const path = text.trim().replace(/^\/*(linux\/)?/, "");
    if (this.files.has(`linux/${path}`)) return this.original(`linux/${path}`);
    const ends = path ? [...this.files.keys()].filter((name) => name.endsWith(`/${path}`)) : [];
    return ends.length === 1 ? this.original(ends[0]) : null;
  }

  // What an emission is held against: { path, size, sha256, digests, lengths, common, learned, heading, receipts }. `learned` is whether
  // the model was trained on the file, `heading` and `receipts` are what the page says of it, before and after.
  original(path) {
    const { start, lines, heading, receipts, ...facts } = this.files.get(path);
    const part = [start, start + lines];
    return {
      ...facts,
      digests: this.digests.subarray(...part),
      lengths: this.lengths.subarray(...part),
      common: this.common,
      heading: { ...this.header.heading, ...heading },
      receipts: { ...this.header.receipts, ...receipts },
    };
  }
}
