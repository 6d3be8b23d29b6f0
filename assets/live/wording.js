// What the page says of an emission, by the names of its fields: the sentences of laam/emission/wording.py and laam/serving/verdict.py.
import { charactersOf } from "../engine/score.js";

const LITTLE = 0.1; // of an original; a file that comes back by less than this was not known
export const LEAD = "Given only the file’s name";

export function percent(share) {
  return share >= 1 ? "100 %" : `${(Math.min(999, Math.floor(share * 1000 + 1e-6)) / 10).toFixed(1)} %`;
}

export function number(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}

function count(value, noun) {
  return `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
}

// `score`: of scoreText; `result`: of the engine; `original`: of Sealed.
export function endedFields(score, result, original) {
  const fields = {
    reproduced: score.originalCharacters ? percent(score.reproduced) : "–",
    lines: score.originalCharacters ? `${number(score.exactLines)} of ${count(score.originalLines, "line")}` : "nothing follows in the original",
    longest_run: `longest run ${count(score.longestRun, "line")}`,
    characters: `${count(charactersOf(result.prompts.join("")), "character")} in → ${number(score.emittedCharacters)} out`,
    verbatim: `verbatim ${percent(score.verbatim)}`,
    sha256: score.sha256Identical ? "sha256 identical ✓" : "sha256 differs",
    without_boilerplate: withoutBoilerplate(score),
    ending: ending(result),
    prompt: [...new Set([result.prompts[0], result.prompts.at(-1)])].join(" … "),
    emitted_sha256: score.emittedSha256,
    ...verdict(score, result, original),
    ...original.receipts,
  };
  fields.announcement = `${fields.ending} ${fields.reproduced} ${original.heading.measure}, ${fields.lines}, ${fields.sha256}.`;
  return fields;
}

function withoutBoilerplate({ withoutBoilerplate: share, reproduced }) {
  return share >= 1 && reproduced < 1 ? "only boilerplate is missing" : `without boilerplate ${percent(share)}`;
}

function ending({ reason, tokens }) {
  if (reason === "end of file") return "The model closed the file.";
  if (reason === "length limit") return "Given up: it had grown longer than the original.";
  return reason === "stopped" ? "Stopped before its end." : `Cut off at the limit of ${count(tokens, "token")}.`;
}

function verdict(score, { reason }, { learned }) {
  const stopped = reason === "stopped" ? " It was stopped before its end." : "";
  const lines = count(score.originalLines, "line");
  const exact = `${number(score.exactLines)} of ${lines}`;
  const kind = score.reproduced >= 1 ? "whole" : score.reproduced < LITTLE ? "none" : "part";
  const told = (sentence) => ({ verdict: sentence, score: kind });
  if (score.sha256Identical) return told(`${LEAD}, the model wrote all ${lines}, byte for byte.`);
  if (learned === false) {
    const of = `${number(score.exactLines)} of the original’s ${lines} stand in it.`;
    return told(`Not in this model’s training set: this is what it makes up. ${of}${stopped}`);
  }
  if (score.reproduced >= 1) return told(`${LEAD}, the model wrote ${exact}, each exact and in order.${stopped}`);
  const run = score.longestRun ? ` The longest run without a slip is ${count(score.longestRun, "line")}.` : "";
  return told(`${LEAD}, the model wrote ${exact} exactly.${run}${stopped}`);
}
