// How much of a text that is held against no one file stands anywhere in the kernel: `CreditScore` of laam/compare/credit.py.
import { charactersOf, splitLines } from "../engine/score.js";
import { Credits } from "./lookup.js";

const FILES = 5; // the most that are named

// `text`: what was written, and is looked up; `before`: the end of a line that was given, written before it.
export function scoreCredits(text, before, index, digests) {
  const credits = new Credits(index, digests);
  const lines = splitLines(text).map((line) => ({ characters: charactersOf(line), credit: credits.credit(line) }));
  const sum = (some) => some.reduce((total, { characters }) => total + characters, 0);
  const found = lines.filter(({ credit }) => credit);
  const boilerplate = sum(found.filter(({ credit }) => credit.boilerplate));
  const [foundCharacters, emittedCharacters] = [sum(found), sum(lines)];
  return {
    found: share(foundCharacters, emittedCharacters),
    foundWithoutBoilerplate: share(foundCharacters - boilerplate, emittedCharacters - boilerplate),
    emittedCharacters,
    foundLines: found.length,
    emittedLines: lines.length,
    files: mostOf(found.filter(({ credit }) => !credit.boilerplate).map(({ credit }) => credit.path)),
    emittedSha256: digests.sha256(before + text),
  };
}

// The paths that come most often, as [path, times].
function mostOf(paths) {
  const times = new Map();
  for (const path of paths) times.set(path, (times.get(path) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a).slice(0, FILES);
}

function share(part, whole) {
  return whole > 0 ? part / whole : 0;
}
