// What a model must lose, on a page without a server: the visitor's own browser writes the strips.
import { queryOf } from "../live/knobs.js";
import { percent, say } from "../live/say.js";
import { capital, count, number } from "../live/wording.js";
import { sentence } from "../engine/fault.js";
import { machineHere, site, withoutRoot } from "./page.js";

const wholes = new Map(); // by path, of what the model gives of a file as it is: `question`, which is empty unless it gives all of it

// As in forget.js. Only the model as it is tells what it gives of a file; and the list of files, if it was measured.
export async function known({ path }, said) {
  if (!site.live) return null;
  const name = withoutRoot(path);
  const asShipped = !said.lossy && said.settings === say("greedy");
  const isWhole = document.querySelector(`.map .s5[href="?path=${CSS.escape(name)}"]`) || (asShipped && said.score === "whole");
  if (isWhole || (asShipped && said.score === "part")) wholes.set(path, isWhole ? said.question_left : "");
  return wholes.has(path) ? [] : null;
}

export function write(row, steps, { path }, show, end) {
  const stopping = new AbortController();
  run(row, steps, path, show, stopping.signal).then(() => stopping.signal.aborted || end(""), (error) => stopping.signal.aborted || end(sentence(error)));
  return () => {
    stopping.abort();
    machineHere().then((machine) => machine.stop());
  };
}

async function run(row, steps, path, show, signal) {
  const machine = await machineHere();
  for (const value of steps) {
    if (signal.aborted) return;
    const settings = row === "bits" ? { bits: value } : { temperature: value, seed: 0 };
    show({ row, value, name: nameOf(row, value), state: "running" });
    const outcome = await machine.outcome({ path, settings });
    if (!outcome) throw new Error("Stopped."); // something else was asked for
    show(stripOf(row, value, path, settings, outcome));
  }
}

function nameOf(row, value) {
  return say(`step_${row}`, { value });
}

function stripOf(row, value, path, settings, { exact, lines, reproduced, identical, early, limit, ticks }) {
  const name = nameOf(row, value);
  const said = [say("left", { step: capital(name), exact: number(exact), lines: count(lines, "line") }), wholes.get(path)].filter(Boolean).join(" ");
  const score = [percent(reproduced), identical && say("is_identical"), early && say("closed_early")].filter(Boolean).join(", ");
  return { row, value, name, state: "done", ticks, said, score, identical, query: queryOf(withoutRoot(path), { ...usual(), ...settings, ...(limit && { max_tokens: limit }) }, site.knobs) };
}

function usual() {
  return Object.fromEntries(site.knobs.map((knob) => [knob.name, knob.default]));
}
