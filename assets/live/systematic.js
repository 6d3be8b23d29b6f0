// A text that differs from an original in the same way on every line: what laam/compare/systematic.py finds, and how.
import { boundedMatches } from "../engine/bounded.js";
import { splitLines } from "../engine/score.js";

const MOST = 0.9; // the share of lines that must show a trait
const CLEAR = 0.01; // the share of the original's characters that must be gained, unless all of it is
const LONGER = 2; // a text with more than so many times the original's lines isn't looked at
const MOST_LINES = 20_000; // of a text that is looked at
const VARIANTS = 64; // that are tried of a line in the whole text
const [SAMPLED, SAMPLED_VARIANTS] = [16, 4096]; // if some have more: of so many lines so many are tried, to learn which ones lead anywhere
const SAMPLE = 200; // lines that tell which traits can't be left out
const STEPS = 150_000_000; // for each variant that is made, its characters and STEP more
const STEP = 300;
const ALIGN_STEPS = 16_000_000;
const LINE_MARKS = ["+", "-", "> ", ">", "| ", "|"];
const SEPARATORS = ["\t", ": ", ":", " | ", "| ", "|", ". ", ".", ") ", ")", "  ", " ", ""]; // between a line's number and the line
const TRAILING = 8; // how many blanks at a line's end may be the original's own
const WIDTHS = [8, 4]; // how many columns a tab may have filled
const TABBED = 1000; // characters of a line whose tabs are looked for
const LINE_ENDS = { "\r": "CR", "\u2028": "U+2028", "\u2029": "U+2029", "\x85": "U+0085" }; // instead of LF
const SPELLINGS = { // what web pages and word processors make of characters, and what each was before; in the order in which it is undone
  "characters are written as HTML entities": {
    "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&#34;": '"', "&apos;": "'", "&#39;": "'", "&#x27;": "'", "&#038;": "&",
    "&nbsp;": "\u00a0", "&#160;": "\u00a0",
  },
  "blanks are written as other blanks": all("\u00a0\u2002\u2003\u2007\u2009\u202f\u3000", " "),
  "characters without width stand in it": all("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
  "quotation marks and dashes are a typographer’s": {
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "…": "...", "–": "--", "—": "--",
  },
};
const LINE_NUMBER = /^ *(\d+)/;

class TooMuchWork extends Error {}

// The difference that runs through a text, as { what, reproduced }, if far more would be reproduced without it, else null; and whether it
// was looked for: { difference, differenceLookedFor }. `exactCharacters`: of the text as it is.
export function findDifference(text, original, exactCharacters, digests) {
  try {
    return { difference: lookedFor(text, original, exactCharacters, digests), differenceLookedFor: true };
  } catch (error) {
    if (error instanceof TooMuchWork) return { difference: null, differenceLookedFor: false };
    throw error;
  }
}

function lookedFor(text, original, exactCharacters, digests) {
  const total = original.lengths.reduce((sum, length) => sum + length, 0);
  const times = (character) => text.split(character).length - 1;
  const ends = Object.keys(LINE_ENDS);
  if (!text || exactCharacters >= total || Math.max(...["\n", ...ends].map(times)) > LONGER * original.lengths.length + 10) return null;
  const isClear = (exact) => exact > exactCharacters && (exact === total || exact - exactCharacters >= CLEAR * total);
  const end = ends.find((character) => times(character) > 2 * times("\n"));
  const lines = splitLines(end ? text.replaceAll(end, "\n") : text);
  if (lines.length > MOST_LINES) throw new TooMuchWork();
  let traits = traitsOf(lines);
  if (!traits.length && !end) return null;
  const undoing = new Undoing(lines, original, digests);
  const most = undoing.found(traits);
  if (!isClear(most)) return null;
  for (const trait of [...traits]) {
    const fewer = traits.filter((other) => other !== trait);
    if (undoing.found(fewer, true) >= undoing.found(traits, true) && undoing.found(fewer) >= most) traits = fewer;
  }
  const clauses = [...(end ? [`each line ends with ${LINE_ENDS[end]}`] : []), ...traits.map(({ what }) => what)];
  const exact = undoing.exactCharacters(traits);
  return clauses.length && isClear(exact) ? { what: joinedClauses(clauses), reproduced: exact / total } : null;
}

// Removes traits from lines. If a line may have been several lines before, the one that the original has is taken.
class Undoing {
  constructor(lines, original, digests) {
    Object.assign(this, { lines, original, digests, steps: 0 });
    this.count = new Map();
    this.length = new Map();
    original.digests.forEach((digest, at) => {
      this.count.set(digest, (this.count.get(digest) ?? 0) + 1);
      this.length.set(digest, original.lengths[at]);
    });
  }

  // The characters in lines that the original has as well, wherever they stand. `sample`: of some of the lines only.
  found(traits, sample = false) {
    const left = new Map(this.count);
    return this.#before(sample ? spread(this.lines, SAMPLE) : this.lines, traits).reduce((sum, digest) => {
      const some = left.get(digest) ?? 0;
      left.set(digest, some - 1);
      return some > 0 ? sum + this.length.get(digest) : sum;
    }, 0);
  }

  // The characters in lines that are exact and in order.
  exactCharacters(traits) {
    const { digests, lengths } = this.original;
    const { runs, cutShort } = boundedMatches(this.#before(this.lines, traits), Array.from(digests), lengths, ALIGN_STEPS);
    if (cutShort) throw new TooMuchWork();
    return runs.reduce((sum, [, at, lines]) => lengths.subarray(at, at + lines).reduce((all, length) => all + length, sum), 0);
  }

  // For each line the digest of the line that it was before it had the traits.
  #before(lines, traits) {
    const all = traits.map(({ undo }) => ({ undo }));
    const searches = lines.map((line) => this.#search(line, all, VARIANTS));
    const many = lines.filter((_, at) => searches[at].givenUp);
    if (!many.length) return searches.map(({ digest }) => digest);
    const paths = spread(many, SAMPLED).map((line) => this.#search(line, all, SAMPLED_VARIANTS).path);
    const ways = traits.map(({ undo }, at) => ({ undo, variants: new Set([0, ...paths.map((path) => path[at])]) }));
    return searches.map(({ digest, givenUp }, at) => (givenUp ? this.#search(lines[at], ways, VARIANTS).digest : digest));
  }

  // The first of the lines that a line may have been that the original has, or else the likeliest; `most` are tried.
  #search(line, ways, most) {
    const newline = line.endsWith("\n") ? "\n" : "";
    const none = ways.map(() => 0);
    const tried = new Set();
    let first = null;
    for (const [body, path] of this.#variants(withoutEnd(line, "\n"), ways)) {
      if (tried.has(body)) continue;
      if (tried.size === most) return { digest: first, path: none, givenUp: true };
      tried.add(body);
      const digest = this.digests.line(body + newline);
      if (this.count.has(digest)) return { digest, path };
      first ??= digest;
    }
    return { digest: first, path: none };
  }

  // What a line may have been before it had the traits, the likeliest first, and which variant of each trait leads there.
  *#variants(body, ways, path = []) {
    if (path.length === ways.length) return void (yield [body, path]);
    const { undo, variants } = ways[path.length];
    for (const [number, each] of undo(body).entries()) {
      if (variants && !variants.has(number)) continue;
      this.steps += each.length + STEP;
      if (this.steps > STEPS) throw new TooMuchWork();
      yield* this.#variants(each, ways, [...path, number]);
    }
  }
}

// At most `most` of them, evenly spread.
function spread(all, most) {
  const step = Math.max(1, Math.ceil(all.length / most));
  return all.filter((_, at) => at % step === 0);
}

// The traits that lines show, { what, undo }, in the order in which they are removed.
function traitsOf(lines) {
  let bodies = lines.map((line) => withoutEnd(line, "\n"));
  const traits = [];
  const spellings = Object.entries(SPELLINGS).map(([what, before]) => (all) => spelt(all, what, before));
  for (const look of [byteOrderMark, ...spellings, carriageReturn, trailing, numbers, marked, indentation, tabs]) {
    const trait = look(bodies, bodies.filter((body) => body.trim()));
    if (!trait) continue;
    traits.push(trait);
    bodies = bodies.map((body) => trait.undo(body)[0]);
  }
  return traits;
}

function byteOrderMark([first]) {
  return first.startsWith("\ufeff") && { what: "the text begins with a byte order mark", undo: (body) => [without(body, "\ufeff")] };
}

function all(characters, before) {
  return Object.fromEntries([...characters].map((character) => [character, before]));
}

function spelt(bodies, what, before) {
  const pattern = new RegExp(Object.keys(before).map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "g");
  return bodies.some((body) => body.search(pattern) >= 0) && { what, undo: (body) => [body.replace(pattern, (each) => before[each]), body] };
}

function carriageReturn(bodies) {
  return isMost(bodies, (body) => body.endsWith("\r")) && { what: "each line ends with CR LF", undo: (body) => [withoutEnd(body, "\r")] };
}

function trailing(_, filled) {
  if (!isMost(filled, (body) => /[ \t]$/.test(body))) return null;
  const bareLength = (body) => {
    let end = body.length;
    while (body[end - 1] === " " || body[end - 1] === "\t") end--;
    return end;
  };
  const added = Math.min(...filled.map((body) => body.length - bareLength(body)));
  const undo = (body) => {
    const bare = bareLength(body);
    const own = Array.from({ length: Math.min(body.length, bare + TRAILING) + 1 - bare }, (_, n) => bare + n);
    return [Math.max(bare, body.length - added), ...own].map((end) => body.slice(0, end));
  };
  return { what: "each line has blanks at its end", undo };
}

function numbers(bodies, filled) {
  const found = bodies.map((body) => LINE_NUMBER.exec(body)).filter(Boolean);
  const values = found.map((match) => Number(match[1].slice(0, 9)));
  const follows = values.slice(1).map((value, at) => value === values[at] + 1);
  if (!isMost(follows, Boolean) || !isMost(filled, (body) => LINE_NUMBER.test(body))) return null;
  const rests = found.map((match) => match.input.slice(match[0].length));
  const separators = SEPARATORS.filter((each) => isMost(rests, (rest) => rest.startsWith(each) || rest === bare(each)));
  const undo = (body) => {
    const match = LINE_NUMBER.exec(body);
    if (!match) return [body.trim(), body]; // a blank line may have no number
    const rest = body.slice(match[0].length);
    return separators.map((each) => without(rest, rest.startsWith(each) ? each : bare(each)));
  };
  return { what: "a number stands before each line", undo };
}

function marked(bodies) {
  const mark = LINE_MARKS.find((each) => isMost(bodies, (body) => body.startsWith(each) || body === bare(each)));
  if (!mark) return null;
  const undo = (body) => [without(body, body.startsWith(mark) ? mark : bare(mark)), body];
  return { what: `“${bare(mark)}” stands before each line`, undo };
}

function indentation(_, filled) {
  if (!filled.length) return null;
  let blanks = /^[ \t]*/.exec(filled[0])[0];
  for (const body of filled) {
    let common = 0;
    while (common < blanks.length && body[common] === blanks[common]) common++;
    blanks = blanks.slice(0, common);
  }
  return blanks && { what: "each line is indented", undo: (body) => [without(body, blanks), body] };
}

function tabs(bodies, filled) {
  const indented = filled.filter((body) => /^[ \t]/.test(body));
  const spaced = bodies.filter((body) => /\t| {2}/.test(body));
  const expanded = isMost(indented, (body) => body[0] === " ") || isMost(spaced, (body) => !body.includes("\t"));
  return expanded && { what: "tabs are written as blanks", undo: withTabs };
}

function withTabs(body) {
  if (!body.includes("  ") || [...body].length > TABBED) return [body];
  const code = body.replace(/^ +/, "");
  const blanks = body.length - code.length;
  const before = WIDTHS.flatMap((width) => {
    const indentation = "\t".repeat(blanks / width) + " ".repeat(blanks % width);
    const blanksFirst = (run) => " ".repeat(run.length % width) + "\t".repeat(run.length / width);
    return [
      indentation + code,
      body.replaceAll(" ".repeat(width), "\t"),
      indentation + code.replace(new RegExp(` {${width},}`, "g"), blanksFirst),
      ...[2, 1].map((least) => withTabStops(body, width, least)),
    ];
  });
  return [...before, body];
}

// The line with a tab for each run of blanks that reaches a tab stop; for a single blank only if another follows, or `least` is 1.
function withTabStops(body, width, least) {
  const characters = [...body];
  const parts = Array.from({ length: Math.ceil(characters.length / width) }, (_, n) => characters.slice(n * width, (n + 1) * width));
  const isLong = (part, next) => least === 1 || part.at(-2) === " " || next?.[0] === " ";
  const reaches = (part, next) => part.length === width && part.at(-1) === " " && isLong(part, next);
  return parts.map((part, n) => (reaches(part, parts[n + 1]) ? `${part.join("").replace(/ +$/, "")}\t` : part.join(""))).join("");
}

function without(body, start) {
  return body.startsWith(start) ? body.slice(start.length) : body;
}

function withoutEnd(body, end) {
  return body.endsWith(end) ? body.slice(0, body.length - end.length) : body;
}

function bare(separator) {
  return separator.replace(/ +$/, "");
}

// Whether it holds for most; not for none at all.
function isMost(all, holds) {
  return all.length > 0 && all.filter(holds).length >= MOST * all.length;
}

function joinedClauses(clauses) {
  const before = clauses.slice(0, -1).join(", ");
  const all = before ? `${before} and ${clauses.at(-1)}` : clauses.at(-1);
  return all[0].toUpperCase() + all.slice(1);
}
