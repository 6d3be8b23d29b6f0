// How much of an original an emission reproduced: the definition, and the names, of `Score` in laam/compare/score.py.
import { boundedMatches } from "./bounded.js";

// The lines of a text, each with its newline; the last may lack one. Only "\n" ends a line.
export function splitLines(text) {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

// `text`: what was written, and is compared. `original`: { digests: BigUint64Array and lengths: Uint16Array by line, sha256: of the file,
// firstLine: how many of its lines stand before }, as the sealed manifest has them, and `common`, a Set of the digests of boilerplate.
// `digests`: a Digests. `before`: the end of a line that was given, written before `text`; `reach`: the characters of `text` that were
// written when the window was full, or null. Characters are counted as Unicode has them, with newlines. `matches` are the runs of exact
// lines, as [line written, line of the original, lines]; `cutShort`: there may be more of them, see boundedMatches.
export function scoreText(text, original, digests, { before = "", reach = null } = {}) {
  const lines = splitLines(text);
  const { runs: matches, cutShort } = boundedMatches(lines.map((line) => digests.line(line)), Array.from(original.digests), original.lengths);
  const sum = (lengths) => lengths.reduce((total, length) => total + length, 0);
  const exactCharacters = sum(matches.map(([, at, count]) => sum(original.lengths.subarray(at, at + count))));
  const originalCharacters = sum(original.lengths);
  const emittedCharacters = sum(lines.map(charactersOf));
  const emittedSha256 = digests.sha256(before + text);
  // The share that is reproduced of some lines.
  const shareOf = (counts) => {
    const counted = original.lengths.map((length, at) => (counts(at) ? length : 0));
    const of = sum(counted);
    return of ? sum(matches.map(([, at, count]) => sum(counted.subarray(at, at + count)))) / of : Number(!text);
  };
  const within = linesWithin(original.lengths, reach ?? -1);
  return {
    reproduced: originalCharacters ? exactCharacters / originalCharacters : Number(!text),
    withoutBoilerplate: shareOf((at) => !original.common.has(original.digests[at])),
    withinReach: within ? shareOf((at) => at < within) : null,
    reach,
    reachLines: within || null,
    verbatim: text ? exactCharacters / emittedCharacters : 0,
    exactCharacters,
    originalCharacters,
    emittedCharacters,
    exactLines: sum(matches.map(([, , count]) => count)),
    originalLines: original.lengths.length,
    emittedLines: lines.length,
    longestRun: Math.max(0, ...matches.map(([, , count]) => count)),
    sha256Identical: !original.firstLine && emittedSha256 === original.sha256,
    emittedSha256,
    matches,
    cutShort,
  };
}

// How many whole lines the first `characters` hold.
function linesWithin(lengths, characters) {
  let [lines, sum] = [0, 0];
  while (lines < lengths.length && (sum += lengths[lines]) <= characters) lines++;
  return lines;
}

// Characters as Unicode has them.
export function charactersOf(text) {
  let characters = 0;
  for (const _ of text) characters++;
  return characters;
}
