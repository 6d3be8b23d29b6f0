// One emission in the visitor's own browser, as the updates that a server would send: what laam/serving/updates.py gives, of the fields
// that the panes show while the model writes.
import { scoreText } from "../engine/score.js";
import { scoreCredits } from "./credit.js";
import { creditHeadline, headlineOf } from "./headline.js";
import { findInstead, insteadFields, placesOf } from "./instead.js";
import { measureText } from "./measures.js";
import { LiveRows, withNote } from "./rows.js";
import { findDifference } from "./systematic.js";
import { endedFields, leadIn, linesBefore, modelFields, number, titleOf, windowNote } from "./wording.js";

const EVERY_MS = 100; // between updates

// `engine`: see engine.js; `sealed`: a Sealed; `question`: of questionOf; `run`: tells emissions apart; `signal`: stops it; `show`: gets
// each update, of which `settle` and `download` are blob: addresses. Gives the engine's result. Throws Fault.
export async function writeAnswer({ engine, sealed, question, run, signal, show }) {
  const { original, heading } = question;
  const rows = new LiveRows(question, () => sealed.index, engine.digests);
  let sequence = 0;
  const update = (state, fields, more) => show({ run, sequence: ++sequence, state, fields, rows: "", settle: "", download: "", ...more });
  const live = { mode: "Live", mode_note: "the model is running in your browser" };
  const opening = { reproduced: "…", lead: leadIn(question), announcement: `The model is writing: ${titleOf(question)}.` };
  const laidOut = original ? { lengths: Array.from(original.lengths), first_line: original.firstLine } : {};
  update("running", { ...heading, ...modelFields(heading, question.settings), ...live, ...opening }, laidOut);
  let [waiting, shown] = ["", -Infinity];
  const result = await answerOf(engine, question, {
    signal,
    onText: (text) => {
      waiting += text;
      if (performance.now() - shown < EVERY_MS || !waiting.includes("\n")) return;
      shown = performance.now();
      update("running", {}, { rows: rows.feed(waiting).join("\n") });
      waiting = "";
    },
  });
  const { score, headline, instead, whole } = ended({ engine, sealed, question, result, rows, waiting });
  const fields = {
    ...endedFields({ score, headline, instead, result, question, header: sealed.header, window: engine.window }),
    mode_note: "the model wrote this just now, in your browser",
    speed: `${number(result.decodedTokens / Math.max(1e-9, result.seconds))} tokens/s, ${engine.workers === 1 ? "1 worker" : `${engine.workers} workers`} in this browser`,
  };
  const same = rows.sent.every((row, at) => row === whole[at]);
  update(result.reason === "stopped" ? "stopped" : "done", fields, {
    rows: same ? whole.slice(rows.sent.length).join("\n") : "",
    settle: same ? "" : addressOf(whole.join("\n")),
    download: addressOf(result.text),
    counted: headline.of === "window" ? headline.lines : 0,
  });
  return result;
}

function answerOf(engine, { source, original, settings }, options) {
  const { bits, temperature, top_k: topK, seed, max_tokens: maxTokens, slide } = settings;
  const all = { ...options, temperature, topK, seed, maxTokens };
  return source ? engine.continueSource(source, { ...all, slide }) : engine.emit(original.path, { ...all, size: original.size, mayGrow: bits > 0 });
}

// The score of the whole text, its headline, the fields that say which file was written instead, and its rows. `waiting`: the end of it, which `rows` was not given.
function ended({ engine, sealed, question, result, rows, waiting }) {
  const { original, lead, settings } = question;
  const [before, counted] = lead.split(result.text);
  const reach = result.reach === null ? null : Math.max(0, result.reach - [...before].length);
  const score = original
    ? fileScore({ sealed, original, counted, digests: engine.digests }, { before, reach })
    : scoreCredits(counted, before, sealed.index, engine.digests);
  const headline = original ? headlineOf(score, { wholeFile: !lead.text, filled: result.reason === "window end" }) : creditHeadline(score);
  const found = findInstead(counted, score, headline, question, sealed, engine.digests);
  const instead = insteadFields(found, question);
  const whole = rows.whole(waiting, score.matches, result.reason === "end of file", placesOf(found));
  if (result.reach === null) return { score, headline, instead, whole };
  return { score, headline, instead, whole: withNote(whole, linesBefore(result.text, result.reach, lead), windowNote(engine.window, settings)) };
}

// The score of a text that is held against a file. Measures are of all lines of the release, so they need the digests of all.
function fileScore({ sealed, original, counted, digests }, options) {
  const score = scoreText(counted, original, digests, options);
  const { whole, measures } = sealed.header;
  return {
    ...score,
    ...findDifference(counted, original, score.exactCharacters, digests),
    measures: whole ? measureText(counted, measures, sealed.index, digests) : [],
  };
}

function addressOf(text) {
  return URL.createObjectURL(new Blob([text], { type: "text/plain" }));
}
