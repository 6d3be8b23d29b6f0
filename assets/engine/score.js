// How much of an original an emission reproduced: the definition, and the names, of `Score` in laam/compare/score.py.
import { heaviestMatches } from "./align.js";

// The lines of a text, each with its newline; the last may lack one. Only "\n" ends a line.
export function splitLines(text) {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

// `text`: what was written for a path. `original`: { digests: BigUint64Array and lengths: Uint16Array by line, sha256: of the file }, as
// the sealed manifest has them, and `common`, a Set of the digests of boilerplate. `digests`: a Digests. Characters are counted as Unicode has them, with newlines. `matches` are the
// runs of exact lines, as [line written, line of the original, lines].
export function scoreText(text, original, digests) {
  const lines = splitLines(text);
  const matches = heaviestMatches(lines.map((line) => digests.line(line)), Array.from(original.digests), original.lengths);
  const sum = (lengths) => lengths.reduce((total, length) => total + length, 0);
  const exactCharacters = sum(matches.map(([, at, count]) => sum(original.lengths.subarray(at, at + count))));
  const originalCharacters = sum(original.lengths);
  const emittedCharacters = sum(lines.map(charactersOf));
  const emittedSha256 = digests.sha256(text);
  const rare = original.lengths.map((length, at) => (original.common.has(original.digests[at]) ? 0 : length));
  const rareCharacters = sum(rare);
  const exactRare = sum(matches.map(([, at, count]) => sum(rare.subarray(at, at + count))));
  return {
    reproduced: originalCharacters ? exactCharacters / originalCharacters : Number(!text),
    withoutBoilerplate: rareCharacters ? exactRare / rareCharacters : Number(!text),
    verbatim: text ? exactCharacters / emittedCharacters : 0,
    exactCharacters,
    originalCharacters,
    emittedCharacters,
    exactLines: sum(matches.map(([, , count]) => count)),
    originalLines: original.lengths.length,
    emittedLines: lines.length,
    longestRun: Math.max(0, ...matches.map(([, , count]) => count)),
    sha256Identical: emittedSha256 === original.sha256,
    emittedSha256,
    matches,
  };
}

// Characters as Unicode has them.
export function charactersOf(text) {
  let characters = 0;
  for (const _ of text) characters++;
  return characters;
}
