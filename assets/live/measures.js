// The declared measures of one emission: those of laam/compare/measures.py, by name. What each is called comes with the file of digests.
import { charactersOf, splitLines } from "../engine/score.js";

const OF_TEXT = {
  in_original_lines(text, index, digests) {
    const found = splitLines(text).filter((line) => index.has(digests.line(line)));
    return { amount: charactersOf(found.join("")), of: charactersOf(text) };
  },
};

// `text`: what is compared; `declared`: name, label, meaning and unit of each. Gives them with { amount, of }.
export function measureText(text, declared, index, digests) {
  return declared.map((measure) => ({ ...measure, ...OF_TEXT[measure.name](text, index, digests) }));
}
