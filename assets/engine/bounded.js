// The heaviest common subsequence as far as a budget of work reaches: the same matches as laam/compare/bounded.py gives, which says how.
import { commonHead, commonTail, innerPairs, joined } from "./align.js";

const STEPS = 64_000_000;
const ROW = 600; // steps that each line of the text takes
const HELD = 2_000_000; // numbers that the server holds at once, twice
const UNKNOWN = -1; // stands for lines that the original doesn't have

// What heaviestMatches gives, as { runs, cutShort }, if it takes no more than `steps`; else a way that may weigh less, and cutShort is true.
export function boundedMatches(a, b, weights, steps = STEPS) {
  const head = commonHead(a, b);
  const tail = commonTail(a.slice(head), b.slice(head));
  const [aEnd, bEnd] = [a.length - tail, b.length - tail];
  const others = b.slice(head, bEnd);
  const [known, at] = knownLines(a.slice(head, aEnd), others);
  const isShort = known.length * ROW + cellsOf(known, others) <= steps && heldBy(known.length, others.length) <= HELD;
  const inner = weights.slice(head, bEnd);
  const found = isShort ? innerPairs(known, others, inner) : allOfOne(known, others);
  const pairs = found ?? inParts(known, others, inner, steps);
  const runs = joined([[0, 0, head], ...pairs.map(([i, j]) => [head + at[i], head + j, 1]), [aEnd, bEnd, tail]]);
  return { runs, cutShort: !found };
}

// The lines of `a`, with one UNKNOWN for each stretch that `b` doesn't have; and where each stands.
function knownLines(a, b) {
  const places = new Set(b);
  const [known, at] = [[], []];
  a.forEach((digest, i) => {
    if (!places.has(digest) && known.at(-1) === UNKNOWN) return;
    known.push(places.has(digest) ? digest : UNKNOWN);
    at.push(i);
  });
  return [known, at];
}

function cellsOf(a, b) {
  const places = counted(b);
  return a.reduce((sum, digest) => sum + 2 * (places.get(digest) ?? 0), a.length * Math.floor(b.length / 4));
}

function heldBy(a, b) {
  return b * (Math.floor(Math.sqrt(a)) + 1);
}

// The indices of equal lines if all of one of them stands in the other in order; else null.
function allOfOne(a, b) {
  const places = placesInOrder(b, a)?.map((i, j) => [i, j]);
  return places ?? placesInOrder(a, b)?.map((j, i) => [i, j]) ?? null;
}

function placesInOrder(few, many) {
  const places = [];
  many.forEach((digest, place) => places.length < few.length && digest === few[places.length] && places.push(place));
  return places.length === few.length ? places : null;
}

function inParts(a, b, weights, steps) {
  const ends = [...anchorsOf(a, b), [a.length, b.length]];
  const rows = a.length - ends.length + 1;
  const looked = Math.min(rows, Math.floor(Math.floor(steps / 4) / ROW));
  const gaps = ends.map(([anchor, jEnd], n) => {
    const [i, j] = n ? [ends[n - 1][0] + 1, ends[n - 1][1] + 1] : [0, 0];
    return [i, i + Math.floor(((anchor - i) * looked) / Math.max(1, rows)), j, jEnd, anchor];
  });
  const cells = gaps.reduce((sum, [i, iEnd, j, jEnd]) => sum + cellsOf(a.slice(i, iEnd), b.slice(j, jEnd)), 0);
  const pairs = [];
  for (const [i, iEnd, j, jEnd, anchor] of gaps) {
    const [lines, others] = [iEnd - i, jEnd - j];
    const parts = Math.max(Math.ceil(cells / Math.floor(steps / 8)), Math.ceil(heldBy(lines, others) / HELD));
    const cut = (start, length, part) => start + Math.floor((length * part) / parts);
    for (let part = 0; part < parts; part++) {
      const [iAt, iTo, jAt, jTo] = [cut(i, lines, part), cut(i, lines, part + 1), cut(j, others, part), cut(j, others, part + 1)];
      for (const [row, place] of innerPairs(a.slice(iAt, iTo), b.slice(jAt, jTo), weights.slice(jAt, jTo))) pairs.push([iAt + row, jAt + place]);
    }
    if (anchor < a.length) pairs.push([anchor, jEnd]);
  }
  return pairs;
}

// Where the lines stand that both have once: the most of them that are in the same order in both.
function anchorsOf(a, b) {
  const [once, places] = [counted(a), counted(b)];
  const place = new Map(b.map((digest, j) => [digest, j]));
  const pairs = a.map((digest, i) => [i, place.get(digest)]).filter(([i]) => once.get(a[i]) === 1 && places.get(a[i]) === 1);
  const [ends, last, before] = [[], [], []];
  pairs.forEach(([, j], number) => {
    const length = firstFrom(ends, j);
    before.push(length ? last[length - 1] : -1);
    [ends[length], last[length]] = [j, number];
  });
  const row = [];
  for (let number = last.at(-1) ?? -1; number >= 0; number = before[number]) row.push(pairs[number]);
  return row.reverse();
}

// Where the first number stands that is no less than `value`, in ascending ones.
function firstFrom(numbers, value) {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function counted(digests) {
  const counts = new Map();
  for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  return counts;
}
