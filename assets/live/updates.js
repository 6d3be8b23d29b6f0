// One emission in the visitor's own browser, as the updates that a server would send: what laam/serving/updates.py gives, of the fields
// that the panes show while the model writes.
import { scoreText } from "../engine/score.js";
import { LiveRows } from "./rows.js";
import { LEAD, endedFields, number } from "./wording.js";

const EVERY_MS = 100; // between updates

// `engine`: see engine.js; `original`: of Sealed; `run`: tells emissions apart; `signal`: stops it; `show`: gets each update, of which
// `settle` and `download` are blob: addresses. Gives the engine's result. Throws Fault.
export async function writeFile({ engine, original, run, signal, show }) {
  const rows = new LiveRows(original, engine.digests);
  let sequence = 0;
  const update = (state, fields, more) => show({ run, sequence: ++sequence, state, fields, rows: "", settle: "", download: "", ...more });
  const live = { mode: "Live", mode_note: "the model is running in your browser" };
  const opening = { reproduced: "…", lead: LEAD, announcement: `The model is writing: ${original.path}.` };
  update("running", { ...original.heading, ...live, ...opening }, { lengths: Array.from(original.lengths), first_line: 0 });
  let [waiting, shown] = ["", -Infinity];
  const result = await engine.emit(original.path, {
    size: original.size,
    signal,
    onText: (text) => {
      waiting += text;
      if (performance.now() - shown < EVERY_MS || !waiting.includes("\n")) return;
      shown = performance.now();
      update("running", {}, { rows: rows.feed(waiting).join("\n") });
      waiting = "";
    },
  });
  const score = scoreText(result.text, original, engine.digests);
  const whole = rows.whole(waiting, score.matches, result.reason === "end of file");
  const fields = {
    ...endedFields(score, result, original),
    mode_note: "the model wrote this just now, in your browser",
    speed: `${number(result.decodedTokens / Math.max(1e-9, result.seconds))} tokens/s, ${engine.workers === 1 ? "1 worker" : `${engine.workers} workers`} in this browser`,
  };
  const same = rows.sent.every((row, at) => row === whole[at]);
  update(result.reason === "stopped" ? "stopped" : "done", fields, {
    rows: same ? whole.slice(rows.sent.length).join("\n") : "",
    settle: same ? "" : addressOf(whole.join("\n")),
    download: addressOf(result.text),
  });
  return result;
}

function addressOf(text) {
  return URL.createObjectURL(new Blob([text], { type: "text/plain" }));
}
