// What comes of a file, in a few numbers and a strip; nobody reads the text.
import { scoreText } from "../engine/score.js";
import { blocksOf } from "./stream.js";
import { closedEarly } from "./wording.js";

const TICKS = 240; // as in laam/compare/render.py

// Gives { exact, lines, reproduced, identical, early, limit, ticks } of a whole text, or null if it was stopped. `early`: the model closed the
// file long before its end. `limit`: the tokens at which the text was cut off, or null.
export async function outcomeOf({ engine, question: { original, settings }, signal }) {
  const { bits, temperature, top_k: topK, seed } = settings;
  const { size, limit: maxTokens } = original;
  const result = await engine.emit(original.path, { temperature, topK, seed, maxTokens, size, mayGrow: bits > 0, signal });
  if (result.reason === "stopped") return null;
  const score = scoreText(result.text, original, engine.digests);
  return {
    exact: score.exactLines,
    lines: score.originalLines,
    reproduced: score.reproduced,
    identical: score.sha256Identical,
    early: closedEarly(result, score),
    limit: result.reason === "token limit" ? maxTokens : null,
    ticks: ticksOf(score),
  };
}

// A mark for each stretch of the original's lines: `=` if all of them came, else `x`. What tick_marks in laam/compare/render.py makes of a whole text.
function ticksOf({ matches, emittedLines, originalLines: lines }) {
  const wrong = new Uint8Array(lines);
  for (const { equal, o } of blocksOf(matches, emittedLines, lines)) if (!equal) wrong.fill(1, ...o);
  const ticks = Math.min(TICKS, lines);
  const at = (tick) => Math.floor((tick * lines) / ticks);
  return Array.from({ length: ticks }, (_, tick) => (wrong.subarray(at(tick), at(tick + 1)).includes(1) ? "x" : "=")).join("");
}
