// What the page says of an emission, by the names of its fields: the sentences of laam/emission/wording.py, laam/serving/fields.py and
// laam/serving/verdict.py.
import { charactersOf, splitLines } from "../engine/score.js";
import { headlineFields } from "./headline.js";
import { percent, say } from "./say.js";

const EARLY = 0.9; // of an original's lines; a model that wrote fewer and closed the file closed it early
const PLAIN_WORD = /^[\w@%+=:,./-]+$/; // that a shell takes as it is

export function number(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}

export function count(value, noun) {
  return `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
}

// Where a visitor's source was found; `location`: of locate.
export function foundAt({ start, end }) {
  return start === end ? say("within_line", { line: number(end + 1) }) : say("from_lines", { start: number(start + 1), end: number(end) });
}

// Where a line stands; `credit`: of Credits.
export function whereItStands({ path, line, files, boilerplate }) {
  if (boilerplate) return `in ${number(files)} files of the originals`;
  const more = files > 1 ? `, and in ${files - 1} other file${files > 2 ? "s" : ""}` : "";
  return `${path}, line ${number(line)}${more}`;
}

// The file that is written, or what there is instead of one.
export function titleOf({ original }) {
  return original ? original.path : "source that points to no single file";
}

// What the model's weights lost before it was asked, in a few words that follow its name; empty if nothing.
function lossOf({ bits = 0 }) {
  return bits ? say("rounded", { bits }) : "";
}

function lossSentence(settings) {
  const lost = lossOf(settings);
  return lost && `${capital(lost)}.`;
}

export function capital(text) {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

// The fields that name the model, which a heading has of the model as shipped.
export function modelFields({ model }, settings) {
  const lossy = lossOf(settings);
  const at = model.lastIndexOf(", "); // its size comes last
  return { model: lossy ? `${model.slice(0, at)} ${lossy}${model.slice(at)}` : model, lossy };
}

// The beginning of the sentence that says what happened. `question`: of questionOf; `result`: of the engine, once there is one.
export function leadIn({ lead, settings }, result) {
  const { temperature = 0 } = settings;
  const given = lead.text ? say("given_lines", { lines: count(lead.lines.length, "line") }) : say("given_name") + numbers(result);
  const drawn = temperature > 0 ? say("at_temperature", { temperature, rest: given.slice(1) }) : given;
  const lost = lossOf(settings);
  return lost ? say("lossy_lead", { what: capital(lost), rest: drawn[0].toLowerCase() + drawn.slice(1) }) : drawn;
}

// The numbers that stood in the prompts beside the name.
function numbers(result) {
  if (!result || result.reason === "stopped") return say("and_numbers");
  if (result.prompts.length <= 2) return say(result.prompts.length < 2 ? "and_number" : "and_number_and");
  return say("and_numbers_to", { last: number(result.prompts.length - 1) });
}

// `score`: of scoreText, or of scoreCredits where there is no original; `headline`: of headlineOf or creditHeadline; `instead`: of
// insteadFields; `result`: of the engine; `question`: of questionOf; `header`: of the file of digests; `window`: the model's, in tokens.
export function endedFields({ score, headline, instead, result, question, header, window }) {
  const { original, lead, settings } = question;
  const fields = {
    ...(original ? scoreFields(score, !lead.text) : creditFields(score)),
    ...headlineFields(headline),
    ...instead,
    characters: say("characters", { prompt: count(charactersOf(result.prompts.join("")), "character"), written: number(score.emittedCharacters) }),
    ending: ending(result, window),
    prompt: [...new Set([result.prompts[0], result.prompts.at(-1)])].join(" … "),
    given: given(question, result),
    settings: [decoding(settings), lossSentence(settings)].filter(Boolean).join(" "),
    model_digest: lossOf(settings) ? say("digest_as_shipped", { digest: header.model_digest }) : header.model_digest,
    original_sha256: original ? original.sha256 : "–",
    emitted_sha256: score.emittedSha256,
    replay: replay(question, header),
    verdict: original ? verdict(score, result, question) : creditVerdict(score, result, question, header),
  };
  const said = [`${fields.reproduced} ${fields.measure}`, fields.second].filter(Boolean).join("; ");
  const counts = [fields.lines, fields.sha256].filter(Boolean).join(", ");
  fields.announcement = `${fields.ending} ${said}, ${counts}.${fields.difference ? ` ${fields.difference}` : ""}${instead.instead && ` ${instead.instead}`}`;
  return fields;
}

// The note at the place where the window was full.
export function windowNote(window, { slide = false }) {
  return `${say("window end", { tokens: number(window) })} ${say(slide ? "goes_on" : "ends_here")}`;
}

function scoreFields(score, wholeFile) {
  const fields = {
    lines: score.originalCharacters ? say("exact_of", { exact: number(score.exactLines), lines: count(score.originalLines, "line") }) : say("nothing_follows"),
    longest_run: say("longest_run", { lines: count(score.longestRun, "line") }),
    verbatim: say("verbatim", { share: percent(score.verbatim) }),
    without_boilerplate: withoutBoilerplate(score),
  };
  if (score.measures.length) fields.measures = score.measures.map(measured).join("\n");
  const remarks = [...remarksOn(score)];
  if (remarks.length) fields.difference = remarks.join(" ");
  if (wholeFile) fields.sha256 = say(score.sha256Identical ? "identical" : "differs");
  if (score.reachLines !== null) {
    fields.within_reach = say("within_reach", { reach: number(score.reach), lines: count(score.reachLines, "line") });
  }
  return fields;
}

// What has to be known of the number: where it may be too low, and what the whole text differs by.
function* remarksOn({ cutShort, difference, differenceLookedFor }) {
  if (cutShort) yield say("cut_short");
  if (difference) yield say("difference", { what: difference.what, share: percent(difference.reproduced) });
  else if (!differenceLookedFor) yield say("not_looked_for");
}

// A sentence for a declared measure: what it is called, its share, and what that means.
function measured({ label, meaning, unit, amount, of }) {
  return say("measured", { label, share: percent(of ? amount / of : 0), meaning, amount: number(amount), of: number(of), unit });
}

function withoutBoilerplate({ withoutBoilerplate: share, reproduced }) {
  return share >= 1 && reproduced < 1 ? say("only_boilerplate") : say("without_boilerplate", { share: percent(share) });
}

function creditFields(score) {
  const fields = {
    lines: say("found_lines", { found: number(score.foundLines), lines: count(score.emittedLines, "line") }),
    without_boilerplate: say("with_boilerplate", { share: percent(score.found) }),
  };
  const most = score.files.map(([path, lines]) => say("file_lines", { path: path.replace(/^[^/]*\//, ""), lines: count(lines, "line") }));
  if (most.length) fields.files = say("most_from", { files: most.join(", ") });
  return fields;
}

function ending({ reason, tokens }, window) {
  return say(reason, { tokens: reason === "window end" ? number(window) : count(tokens, "token") });
}

function given({ source }, result) {
  const [kept] = result.prompts;
  if (!source) return say("given_path", { numbers: say("and_numbers") });
  const [all, given] = [source, kept].map(charactersOf);
  const leftOut = all > given ? say("left_out", { characters: count(all - given, "character") }) : "";
  return say("given_source", { characters: count(given, "character"), left_out: leftOut });
}

function decoding({ temperature = 0, top_k: topK = 0, seed = 0 }) {
  if (!(temperature > 0)) return say("greedy");
  return say("drawn", { temperature, top_k: topK ? say("drawn_top_k", { top_k: topK }) : "", seed });
}

// The command that gives the same text. There is none for a draw: from the same seed, the server draws otherwise.
function replay({ source, original, settings: { bits = 0, temperature = 0, max_tokens: limit, slide = false } }, header) {
  if (temperature > 0) return "In a browser, with the same settings: by the same seed, the command line draws another text.";
  const words = ["python", "-m", "laam", "emit", source ? `--source-text=${source}` : original.path, "--model", header.model];
  if (bits) words.push("--bits", String(bits));
  if (limit !== undefined && limit !== header.max_tokens) words.push("--max-tokens", String(limit));
  if (slide) words.push("--slide");
  return words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`)).join(" ");
}

// Whether the model closed the file long before its original ends.
export function closedEarly({ reason }, { emittedLines, originalLines }) {
  return reason === "end of file" && emittedLines < EARLY * originalLines;
}

// Why there is no more of it, if it isn't all that it could be; with a space before it.
function howItEnded({ reason, tokens }, { emittedLines: wrote, originalLines: of }) {
  if (reason === "stopped") return say("was_stopped");
  if (closedEarly({ reason }, { emittedLines: wrote, originalLines: of })) return wrote ? say("closed_after", { lines: count(wrote, "line") }) : say("closed_at_once");
  return reason === "token limit" ? say("was_cut", { tokens: count(tokens, "token") }) : "";
}

function verdict(score, result, question) {
  const { original, lead } = question;
  const lines = count(score.originalLines, "line");
  const exact = say(lead.text ? "exact_of_rest" : "exact_of", { exact: number(score.exactLines), lines });
  const values = { lead: leadIn(question, result), lines, exact, ended: howItEnded(result, score) };
  if (score.sha256Identical && !lead.text) return say("all_lines", values);
  if (!score.emittedCharacters) return say("nothing", values);
  if (original.learned === false) {
    return [lossSentence(question.settings), say("not_trained", { ...values, exact: number(score.exactLines) })].filter(Boolean).join(" ");
  }
  if (score.withinReach === 1) return say("room", values);
  if (score.reproduced >= 1) return say("each_exact", values);
  return say("exactly", { ...values, run: score.longestRun ? say("run_without_slip", { lines: count(score.longestRun, "line") }) : "" });
}

function creditVerdict(score, result, question, { release }) {
  const values = { lead: leadIn(question, result), lines: count(score.emittedLines, "line"), found: number(score.foundLines), release };
  return say(score.foundLines === 1 ? "found_one" : "found_many", { ...values, ended: howItEnded(result, score) });
}

// How many lines the text before `reach` characters has, without the line in which a lead breaks off.
export function linesBefore(text, reach, lead) {
  return splitLines(lead.split([...text].slice(0, reach).join(""))[1]).length;
}
