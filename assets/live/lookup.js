// Where lines are from, among all lines of a release: what laam/corpus/lookup.py finds of sealed originals, and how.
import { charactersOf, splitLines } from "../engine/score.js";

const COMMON_FILES = 10; // a line of more files is boilerplate; and the most places that are named of a line
const LOCATED_LINES = 400; // the last ones of a text that are looked at
const CANDIDATES = 1000; // places that are compared; they are those of the rarest lines
const FRAGMENT_CHARACTERS = 20; // a shorter text could be from anywhere

export class LineIndex {
  // `digests`: of all lines, file after file; `files`: a Map by path, of which each value says at which line it starts.
  constructor({ digests, files }) {
    this.digests = digests;
    this.paths = [...files.keys()];
    this.starts = [...Array.from(files.values(), ({ start }) => start), digests.length];
    this.first = new Map(); // the first place of a line, by its digest
    this.next = new Int32Array(digests.length); // the next place of the same line; -1 after the last
    for (let at = digests.length - 1; at >= 0; at--) {
      this.next[at] = this.first.get(digests[at]) ?? -1;
      this.first.set(digests[at], at);
    }
  }

  has(digest) {
    return this.first.has(digest);
  }

  // All places of a line in the row of all lines, in order.
  places(digest) {
    const found = [];
    for (let at = this.first.get(digest) ?? -1; at >= 0; at = this.next[at]) found.push(at);
    return found;
  }

  // The number of the file that a place is in.
  fileOf(place) {
    let [low, high] = [0, this.paths.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= place) low = middle;
      else high = middle;
    }
    return low;
  }
}

// Where a text is from: { path, start, end, following }, lines counted from 0, or null. `start` and `end`: the lines that it covers;
// `following`: the line after the one in which it ends. It is the file with the longest run of its lines that stands in one place only.
export function locate(text, index, digests) {
  const lines = splitLines(text).slice(-LOCATED_LINES);
  const keys = lines.map((line) => digests.line(line));
  const seeds = seedsOf(keys, index);
  const candidates = candidatesOf(seeds, index);
  const exact = candidates.map(([file, diagonal]) => keys.map((key, number) => {
    const at = diagonal + number;
    return at >= index.starts[file] && at < index.starts[file + 1] && index.digests[at] === key;
  }));
  const whole = lines.filter((line) => line.endsWith("\n")).length;
  const proves = ([start, stop]) => isProof(lines.slice(start, stop), whole) && seeds.some(([number]) => number >= start && number < stop);
  const proofs = exact.flatMap((mask, candidate) => runsOf(mask).filter(proves).map(([start, stop]) => ({ candidate, start, stop })));
  proofs.sort((a, b) => b.stop - b.start - (a.stop - a.start) || a.candidate - b.candidate || a.start - b.start);
  const proof = proofs.find(({ start, stop }) => exact.filter((mask) => mask.slice(start, stop).every(Boolean)).length === 1);
  if (!proof) return null;
  const [file, diagonal] = candidates[proof.candidate];
  const offset = diagonal - index.starts[file];
  const mask = exact[proof.candidate];
  return { path: index.paths[file], start: offset + mask.indexOf(true), end: offset + mask.lastIndexOf(true) + 1, following: offset + lines.length };
}

// The rarest lines of a text with all their places, as [number, places]; CANDIDATES places at most.
function seedsOf(keys, index) {
  let places = 0;
  return keys
    .map((key, number) => [number, index.places(key)])
    .filter(([, found]) => found.length)
    .sort(([, a], [, b]) => a.length - b.length)
    .filter(([, found]) => (places += found.length) <= CANDIDATES);
}

// Each file with a place in the row of all lines at which the text's line 0 may stand, in order.
function candidatesOf(seeds, index) {
  const found = new Map();
  for (const [number, places] of seeds) {
    for (const at of places) found.set(`${index.fileOf(at)} ${at - number}`, [index.fileOf(at), at - number]);
  }
  return [...found.values()].sort(([a, at], [b, bAt]) => a - b || at - bAt);
}

function runsOf(mask) {
  const runs = [];
  mask.forEach((holds, at) => {
    if (!holds) return;
    if (at && mask[at - 1]) runs.at(-1)[1]++;
    else runs.push([at, at + 1]);
  });
  return runs;
}

// Whether a run of lines tells where a text of `whole` lines is from.
function isProof(run, whole) {
  const characters = run.reduce((sum, line) => sum + charactersOf(line.trim()), 0);
  return run.length >= whole
    || (2 * run.length >= whole && characters >= FRAGMENT_CHARACTERS)
    || (run.length >= 4 && characters >= 3 * FRAGMENT_CHARACTERS);
}

// Credits lines of unknown origin, in order, to the files that they are from.
export class Credits {
  constructor(index, digests) {
    Object.assign(this, { index, digests });
    this.known = new Map(); // by digest: { at: the first place in some files, by file number, files: how many have it }
    this.before = new Map(); // by file number: the place of the line before
  }

  // Of the next line: { path, line, files, boilerplate }, with its likeliest place and how many files have it; null if none has.
  credit(line) {
    const { index } = this;
    const digest = this.digests.line(line);
    const { at, files } = this.#places(digest);
    const goingOn = [...this.before]
      .map(([file, place]) => [file, place + 1])
      .filter(([file, place]) => place < index.starts[file + 1] && index.digests[place] === digest);
    const chosen = [...new Map([...goingOn, ...at, ...goingOn])].slice(0, COMMON_FILES); // first the files in which it follows the one before
    this.before = new Map(chosen);
    if (!chosen.length) return null;
    const [file, place] = chosen[0];
    return { path: index.paths[file], line: place - index.starts[file] + 1, files, boilerplate: files > COMMON_FILES };
  }

  #places(digest) {
    if (!this.known.has(digest)) {
      const first = new Map();
      for (const place of this.index.places(digest)) {
        const file = this.index.fileOf(place);
        if (!first.has(file)) first.set(file, place);
      }
      this.known.set(digest, { at: [...first].slice(0, COMMON_FILES), files: first.size });
    }
    return this.known.get(digest);
  }
}
