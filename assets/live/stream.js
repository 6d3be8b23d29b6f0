// Aligns lines while the model still writes: what StreamAligner is in laam/compare/align.py, which says how. What was settled is never
// taken back.
import { heaviestMatches } from "../engine/align.js";

const WINDOW = 200; // lines of the original that it looks ahead
const PATIENCE = 64; // written lines that may wait for a match before they are settled as differing
const ANCHOR_RUN = 4; // lines; a shorter run proves no place if all its lines stand elsewhere too

// The stretches of two texts, from the runs of lines that they share: { equal, e, o } with `e` and `o` as [start, end] from 0.
export function blocksOf(matches, written, lines, writtenAt = 0, originalAt = 0) {
  const blocks = [];
  let [e, o] = [0, 0];
  const block = (equal, toE, toO) => {
    if (toE > e || toO > o) blocks.push({ equal, e: [writtenAt + e, writtenAt + toE], o: [originalAt + o, originalAt + toO] });
    [e, o] = [toE, toO];
  };
  for (const [matchE, matchO, count] of [...matches, [written, lines, 0]]) {
    block(false, matchE, matchO);
    block(true, matchE + count, matchO + count);
  }
  return blocks;
}

export class StreamAligner {
  // `digests`: BigUint64Array, and `lengths`: characters, of the original's lines.
  constructor(digests, lengths) {
    this.digests = Array.from(digests);
    this.lengths = lengths;
    this.counts = new Map();
    for (const digest of this.digests) this.counts.set(digest, (this.counts.get(digest) ?? 0) + 1);
    this.waiting = [];
    this.e = 0; // written lines settled
    this.o = 0; // lines of the original settled
  }

  // Takes the digests of the next lines; gives the blocks that are settled with them.
  feed(digests) {
    this.waiting.push(...digests);
    const blocks = this.#settleHead();
    while (this.waiting.length) {
      const matches = this.#matches(this.waiting.length + WINDOW);
      const last = matches.findLastIndex((match) => this.#isAnchor(match));
      if (last >= 0) {
        const [e, o, lines] = matches[last];
        blocks.push(...this.#settle(matches.slice(0, last + 1), e + lines, o + lines));
      } else if (this.waiting.length > PATIENCE) {
        const lines = Math.min(this.waiting.length, this.digests.length - this.o);
        blocks.push(...this.#settle(this.#matches(lines), this.waiting.length, lines));
      } else break;
      blocks.push(...this.#settleHead());
    }
    return blocks;
  }

  #matches(reach) {
    const part = [this.o, this.o + reach];
    return heaviestMatches(this.waiting, this.digests.slice(...part), this.lengths.slice(...part));
  }

  #isAnchor([e, o, lines]) {
    const run = this.digests.slice(this.o + o, this.o + o + lines);
    return e === o || lines >= ANCHOR_RUN || run.some((digest) => this.counts.get(digest) === 1);
  }

  #settleHead() {
    let lines = 0;
    while (lines < this.waiting.length && this.waiting[lines] === this.digests[this.o + lines]) lines++;
    return this.#settle([[0, 0, lines]], lines, lines);
  }

  #settle(matches, e, o) {
    const blocks = blocksOf(matches, e, o, this.e, this.o);
    this.waiting.splice(0, e);
    this.e += e;
    this.o += o;
    return blocks;
  }
}
