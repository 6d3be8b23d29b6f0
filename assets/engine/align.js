// The heaviest common subsequence of lines: of all ways to match equal lines without crossing, the one that keeps the most characters.
// The same matches as laam/compare/heaviest.py gives, which says how one of several is chosen; written for texts of one file's length.

const UP = 1; // as good without this line of a
const LEFT = 2; // as good without this line of b
const END = 4; // a best way matches these two lines with each other

// `a`, `b`: digests of lines; `weights`: of each line of b, above 0. Gives [line of a, line of b, lines] of each run, in order.
export function heaviestMatches(a, b, weights) {
  const head = commonHead(a, b);
  const tail = commonTail(a.slice(head), b.slice(head));
  const [aEnd, bEnd] = [a.length - tail, b.length - tail];
  const inner = innerPairs(a.slice(head, aEnd), b.slice(head, bEnd), weights.slice(head, bEnd));
  return joined([[0, 0, head], ...inner.map(([i, j]) => [head + i, head + j, 1]), [aEnd, bEnd, tail]]);
}

export function commonHead(a, b) {
  let lines = 0;
  while (lines < a.length && lines < b.length && a[lines] === b[lines]) lines++;
  return lines;
}

// How many lines both end with; none if each of them stands elsewhere in b too.
export function commonTail(a, b) {
  let lines = 0;
  while (lines < a.length && lines < b.length && a[a.length - 1 - lines] === b[b.length - 1 - lines]) lines++;
  const counts = new Map();
  for (const digest of b) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  return b.slice(b.length - lines).some((digest) => counts.get(digest) === 1) ? lines : 0;
}

// The indices of the lines that are matched with each other, in order. The textbook's dynamic programme over the lines of a that b has. A way's value is its weight × scale − its runs, so that of two of
// the same weight the one with fewer runs is better.
export function innerPairs(a, b, weights) {
  const numbers = new Map();
  b.forEach((digest) => numbers.has(digest) || numbers.set(digest, numbers.size));
  const columns = Int32Array.from(b, (digest) => numbers.get(digest));
  const gains = new Float64Array(numbers.size);
  const scale = Math.min(a.length, b.length) + 1;
  columns.forEach((number, j) => { gains[number] = weights[j] * scale - 1; });
  const rows = []; // [index in a, number]
  a.forEach((digest, i) => numbers.has(digest) && rows.push([i, numbers.get(digest)]));

  const width = b.length + 1;
  const flags = new Uint8Array(rows.length * width);
  let best = new Float64Array(width); // by how many lines of b
  let next = new Float64Array(width);
  const none = new Uint8Array(width);
  const start = Uint8Array.of(END, ...none.subarray(1)); // a run may go on from what both begin with
  rows.forEach(([i, number], row) => {
    const before = row ? rows[row - 1][0] : -1;
    const runs = before < i - 1 ? none : row ? flags.subarray((row - 1) * width, row * width) : start;
    fillRow(flags.subarray(row * width, (row + 1) * width), best, next, runs, columns, number, gains[number]);
    [best, next] = [next, best];
  });
  return traced(rows, flags, width);
}

function fillRow(flags, best, next, runs, columns, number, gain) {
  for (let j = 1; j < flags.length; j++) {
    const [up, left] = [best[j], next[j - 1]];
    let value = up > left ? up : left;
    let flag = 0;
    if (columns[j - 1] === number) {
      const matched = best[j - 1] + (runs[j - 1] & END ? 1 : 0) + gain;
      if (matched >= value) {
        value = matched;
        flag = END;
      }
    }
    next[j] = value;
    flags[j] = flag | (value === up ? UP : 0) | (value === left ? LEFT : 0);
  }
}

// Goes back from the end. A run that a best way goes on with is followed to where it begins.
function traced(rows, flags, width) {
  const pairs = [];
  let inRun = false;
  for (let [row, j] = [rows.length - 1, width - 1]; row >= 0 && j > 0; row--) {
    const at = row * width;
    if (!inRun) {
      if (flags[at + j] & UP) continue;
      while (flags[at + j] & LEFT) j--;
    }
    pairs.push([rows[row][0], j - 1]);
    j--;
    const follows = row > 0 && rows[row - 1][0] === rows[row][0] - 1;
    inRun = follows && (flags[at - width + j] & END) !== 0;
  }
  return pairs.reverse();
}

export function joined(matches) {
  const runs = [];
  for (const [i, j, lines] of matches) {
    if (!lines) continue;
    const last = runs.at(-1);
    if (last && last[0] + last[2] === i && last[1] + last[2] === j) last[2] += lines;
    else runs.push([i, j, lines]);
  }
  return runs;
}
