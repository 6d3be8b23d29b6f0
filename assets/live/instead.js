// What was written instead: the other file that a text is of. Found and told as by laam/compare/instead.py and laam/emission/wording.py.
import { boundedMatches } from "../engine/bounded.js";
import { charactersOf, splitLines } from "../engine/score.js";
import { percent, say } from "./say.js";
import { count, number } from "./wording.js";

const ENOUGH = 0.5; // of what was asked for; a text that has as much of it is of that file
const LEAST = 0.25; // of the characters of a text, without boilerplate, that a file must have so that the text is said to be of it
const HELD_AGAINST = 3; // files
const [RUN_LINES, RUN_CHARACTERS] = [2, 60]; // that tell something

// The file that a text is of, or null: { path, licence, whole, lines, of, reproduced }, where `lines` has the line of the file that a line of the
// text is, both counted from 0, and `of` is how many the file has. `score`, `headline`: of the text; `question`: of questionOf.
export function findInstead(text, score, headline, { original }, sealed, digests) {
  if (!text || (original && headline.share >= ENOUGH)) return null;
  const asked = original?.path;
  const lines = splitLines(text);
  const keys = lines.map((line) => digests.line(line));
  for (const [path, { sha256 }] of sealed.files) {
    if (sha256 === score.emittedSha256 && path !== asked) return { ...heldAgainst(keys, sealed.original(path)), whole: true, reproduced: 1 };
  }
  const exact = new Set((score.matches ?? []).flatMap(([e, , many]) => Array.from({ length: many }, (_, n) => e + n)));
  const trimmed = lines.map((line) => charactersOf(line.trim()));
  const tells = (line, at) => sealed.index.has(keys[at]) && !sealed.common.has(keys[at]) && !exact.has(at) && /[\p{L}\p{N}]/u.test(line);
  const told = lines.map((line, at) => (tells(line, at) ? trimmed[at] : 0));
  const absent = sum(trimmed.filter((_, at) => !sealed.index.has(keys[at])));
  let [best, least] = [null, Math.max(RUN_CHARACTERS, LEAST * (sum(told) + absent))];
  for (const [path, most] of likeliest(keys, told, sealed.index)) {
    if (path === asked || most < least) continue;
    const found = heldAgainst(keys, sealed.original(path));
    const telling = [...found.lines.keys()].map((at) => told[at]).filter(Boolean);
    if (sum(telling) >= least && telling.length >= RUN_LINES) [best, least] = [found, sum(telling) + 1];
  }
  const written = (some) => sum([...some].map((at) => charactersOf(lines[at])));
  return best && written(best.lines.keys()) > written(exact) ? best : null;
}

// The places of those lines in the kernel, by the line.
export function placesOf(instead) {
  return new Map(Array.from(instead?.lines ?? [], ([line, there]) => [line, `${instead.path}, line ${number(there + 1)}`]));
}

// The page's fields that say it.
export function insteadFields(found, { original, lead }) {
  if (!found) return { instead: "" };
  const there = [...found.lines.values()];
  const isRun = there.every((line, at) => !at || line === there[at - 1] + 1);
  const what = !isRun ? "its_lines" : there.length === found.of ? "all_its_lines" : there[0] ? "its_lines_from" : "its_first_lines";
  const file = short(found.path);
  const lines = say(what, { lines: count(there.length, "line"), start: number(there[0] + 1), end: number(there.at(-1) + 1) });
  const asked = say(lead.text ? "was_given" : "asked_for", { path: short(original?.path ?? ""), lines: count(lead.lines.length, "line") });
  const values = { asked, file, licence: found.licence, lines, share: percent(found.reproduced) };
  return {
    instead: say(found.whole ? "instead_whole" : isRun ? "instead" : "instead_among", values),
    in_short: say("instead_in_short", { what: found.whole ? "" : `${lines} of `, file }),
  };
}

// The files in which the most characters of telling lines stand, in any order, and how many those are.
function likeliest(keys, told, index) {
  const weights = new Map();
  keys.forEach((key, at) => told[at] && weights.set(key, (weights.get(key) ?? 0) + told[at]));
  const sums = new Map();
  for (const [key, characters] of weights) {
    for (const file of new Set(index.places(key).map((place) => index.fileOf(place)))) sums.set(file, (sums.get(file) ?? 0) + characters);
  }
  return [...sums].sort(([a, some], [b, others]) => others - some || a - b).slice(0, HELD_AGAINST).map(([file, characters]) => [index.paths[file], characters]);
}

function heldAgainst(keys, { path, digests, lengths, heading: { licence } }) {
  const { runs } = boundedMatches(keys, Array.from(digests), lengths);
  const lines = new Map(runs.flatMap(([e, o, many]) => Array.from({ length: many }, (_, n) => [e + n, o + n])));
  const exact = sum([...lines.values()].map((line) => lengths[line]));
  return { path, licence, whole: false, lines, of: lengths.length, reproduced: exact / sum(lengths) };
}

function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0);
}

function short(path) {
  return path.replace(/^[^/]*\//, "");
}
