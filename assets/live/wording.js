// What the page says of an emission, by the names of its fields: the sentences of laam/emission/wording.py, laam/serving/fields.py and
// laam/serving/verdict.py.
import { charactersOf, splitLines } from "../engine/score.js";

const LITTLE = 0.1; // of an original; a file that comes back by less than this was not known
const EARLY = 0.9; // of an original's lines; a model that wrote fewer and closed the file closed it early
const PLAIN_WORD = /^[\w@%+=:,./-]+$/; // that a shell takes as it is

export function percent(share) {
  return share >= 1 ? "100 %" : `${(Math.min(999, Math.floor(share * 1000 + 1e-6)) / 10).toFixed(1)} %`;
}

export function number(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}

export function count(value, noun) {
  return `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
}

// Where a visitor's source was found; `location`: of locate.
export function foundAt({ start, end }) {
  if (start === end) return ` · your source is within line ${number(end + 1)}`;
  return ` · your source is from lines ${number(start + 1)} to ${number(end)}`;
}

// Where a line stands; `credit`: of Credits.
export function whereItStands({ path, line, files, boilerplate }) {
  if (boilerplate) return `in ${number(files)} files of the kernel`;
  const more = files > 1 ? `, and in ${files - 1} other file${files > 2 ? "s" : ""}` : "";
  return `${path}, line ${number(line)}${more}`;
}

// The file that is written, or what there is instead of one.
export function titleOf({ original }) {
  return original ? original.path : "source that points to no single file";
}

// The beginning of the sentence that says what happened. `question`: of questionOf.
export function leadIn({ lead, settings: { temperature = 0 } }) {
  const given = lead.text ? `Given ${count(lead.lines.length, "line")}` : "Given only the file’s name";
  return temperature > 0 ? `At temperature ${temperature}, g${given.slice(1)}` : given;
}

// `score`: of scoreText, or of scoreCredits where there is no original; `result`: of the engine; `question`: of questionOf; `header`: of
// the file of digests; `window`: the model's, in tokens.
export function endedFields({ score, result, question, header, window }) {
  const { original, heading, lead, settings } = question;
  const fields = {
    ...(original ? scoreFields(score, !lead.text) : creditFields(score)),
    ...(original && result.reason === "window end" ? windowFields(score, header) : {}),
    characters: `${count(charactersOf(result.prompts.join("")), "character")} in → ${number(score.emittedCharacters)} out`,
    ending: ending(result, window),
    prompt: [...new Set([result.prompts[0], result.prompts.at(-1)])].join(" … "),
    given: given(question, result),
    settings: decoding(settings),
    model_digest: header.model_digest,
    original_sha256: original ? original.sha256 : "–",
    emitted_sha256: score.emittedSha256,
    replay: replay(question, header),
    ...(original ? verdict(score, result, question) : creditVerdict(score, result, question, header)),
  };
  const counts = [fields.lines, fields.sha256].filter(Boolean).join(", ");
  fields.announcement = `${fields.ending} ${fields.reproduced} ${fields.measure ?? heading.measure}, ${counts}.${fields.difference ? ` ${fields.difference}` : ""}`;
  return fields;
}

// The note at the place where the window was full.
export function windowNote(window, { slide = false }) {
  const then = slide ? "What follows is written after the last half of the window." : "The emission ends here.";
  return `The model's window of ${number(window)} tokens is full. ${then}`;
}

function scoreFields(score, wholeFile) {
  const fields = {
    reproduced: score.originalCharacters ? percent(score.reproduced) : "–",
    lines: score.originalCharacters ? `${number(score.exactLines)} of ${count(score.originalLines, "line")}` : "nothing follows in the original",
    longest_run: `longest run ${count(score.longestRun, "line")}`,
    verbatim: `verbatim ${percent(score.verbatim)}`,
    without_boilerplate: withoutBoilerplate(score),
  };
  if (score.measures.length) fields.measures = score.measures.map(measured).join("\n");
  const remarks = [...remarksOn(score)];
  if (remarks.length) fields.difference = remarks.join(" ");
  if (wholeFile) fields.sha256 = score.sha256Identical ? "sha256 identical ✓" : "sha256 differs";
  if (score.withinReach !== null) {
    fields.within_reach = `${percent(score.withinReach)} of what its window could give, the first ${number(score.reach)} characters`;
  }
  return fields;
}

// What has to be known of the number: where it may be too low, and what the whole text differs by.
function* remarksOn({ cutShort, difference, differenceLookedFor }) {
  if (cutShort) yield "The alignment was cut short, since all of it would be too much work: the original may be reproduced by more than this.";
  if (difference) yield `${difference.what}; without that, ${percent(difference.reproduced)} would be reproduced.`;
  else if (!differenceLookedFor) yield "A difference that runs through the whole text was not looked for: that would be too much work.";
}

// A sentence for a declared measure: what it is called, its share, and what that means.
function measured({ label, meaning, unit, amount, of }) {
  return `${label} ${percent(of ? amount / of : 0)}: ${meaning} (${number(amount)} of ${number(of)} ${unit})`;
}

// What is otherwise where the window ended it: the number is of what the window had room for.
function windowFields(score, header) {
  if (score.withinReach === null) return {};
  const rest = `the first ${number(score.reach)} characters; ${percent(score.reproduced)} of all that follows in the original`;
  return { reproduced: percent(score.withinReach), measure: header.measure_window, within_reach: rest };
}

function withoutBoilerplate({ withoutBoilerplate: share, reproduced }) {
  return share >= 1 && reproduced < 1 ? "only boilerplate is missing" : `without boilerplate ${percent(share)}`;
}

function creditFields(score) {
  const fields = {
    reproduced: percent(score.foundWithoutBoilerplate),
    lines: `${number(score.foundLines)} of ${count(score.emittedLines, "line")} found in the kernel`,
    without_boilerplate: `with boilerplate ${percent(score.found)}`,
  };
  const most = score.files.map(([path, lines]) => `${path.replace(/^linux\//, "")} (${count(lines, "line")})`);
  if (most.length) fields.files = `most from ${most.join(", ")}`;
  return fields;
}

function ending({ reason, tokens }, window) {
  if (reason === "end of file") return "The model closed the file.";
  if (reason === "end of segment") return "The model closed the segment that the source is from.";
  if (reason === "length limit") return "Given up: it had grown longer than the original.";
  if (reason === "window end") return `The model's window of ${number(window)} tokens is full.`;
  return reason === "stopped" ? "Stopped before its end." : `Cut off at the limit of ${count(tokens, "token")}.`;
}

function given({ source }, { prompts: [kept] }) {
  if (!source) return "a path, and no source text";
  const [all, given] = [source, kept].map(charactersOf);
  const leftOut = all > given ? `; ${count(all - given, "character")} before them did not fit into half of its window` : "";
  return `source text, ${count(given, "character")}${leftOut}; it counts for nothing`;
}

function decoding({ temperature = 0, top_k: topK = 0, seed = 0 }) {
  return temperature > 0 ? `Temperature ${temperature}${topK ? `, top-k ${topK}` : ""}, seed ${seed}.` : "Greedy.";
}

// The command that gives the same text. There is none for a draw: from the same seed, the server draws otherwise.
function replay({ source, original, settings: { temperature = 0, max_tokens: limit, slide = false } }, header) {
  if (temperature > 0) return "In a browser, with the same settings: by the same seed, the command line draws another text.";
  const words = ["python", "-m", "laam", "emit", source ? `--source-text=${source}` : original.path, "--model", header.model];
  if (limit !== undefined && limit !== header.max_tokens) words.push("--max-tokens", String(limit));
  if (slide) words.push("--slide");
  return words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`)).join(" ");
}

// Why there is no more of it, if it isn't all that it could be; with a space before it.
function howItEnded({ reason, tokens }, { emittedLines: wrote, originalLines: of }) {
  if (reason === "stopped") return " It was stopped before its end.";
  if (reason === "end of file" && wrote < EARLY * of) return ` It closed the file ${wrote ? `after ${count(wrote, "line")}` : "at once"}.`;
  return reason === "token limit" ? ` It was cut off at the limit of ${count(tokens, "token")}.` : "";
}

function verdict(score, result, question) {
  const { original, lead } = question;
  const begins = leadIn(question);
  const ended = howItEnded(result, score);
  const lines = count(score.originalLines, "line");
  const exact = `${number(score.exactLines)} of ${lead.text ? `the ${lines} that follow` : lines}`;
  const kind = score.reproduced >= 1 ? "whole" : score.reproduced < LITTLE && !score.withinReach ? "none" : "part";
  const told = (sentence) => ({ verdict: sentence, score: kind });
  if (score.sha256Identical && !lead.text) return told(`${begins}, the model wrote all ${lines}, byte for byte.`);
  if (!score.emittedCharacters) return told(`${begins}, the model wrote nothing.${ended}`);
  if (original.learned === false) {
    const of = `${number(score.exactLines)} of the original’s ${lines} stand in it.`;
    return told(`Not in this model’s training set: this is what it makes up. ${of}${ended}`);
  }
  if (score.withinReach === 1) return told(`${begins}, the model wrote ${exact} exactly: all that its window had room for.${ended}`);
  if (score.reproduced >= 1) return told(`${begins}, the model wrote ${exact}, each exact and in order.${ended}`);
  const run = score.longestRun ? ` The longest run without a slip is ${count(score.longestRun, "line")}.` : "";
  return told(`${begins}, the model wrote ${exact} exactly.${run}${ended}`);
}

function creditVerdict(score, result, question, { release }) {
  const wrote = `${leadIn(question)}, the model wrote ${count(score.emittedLines, "line")}`;
  const found = `${number(score.foundLines)} ${score.foundLines === 1 ? "stands" : "stand"} somewhere in ${release}`;
  return {
    verdict: `${wrote}, of which ${found}.${howItEnded(result, score)}`,
    score: score.foundWithoutBoilerplate >= LITTLE ? "part" : "none",
  };
}

// How many lines the text before `reach` characters has, without the line in which a lead breaks off.
export function linesBefore(text, reach, lead) {
  return splitLines(lead.split([...text].slice(0, reach).join(""))[1]).length;
}
