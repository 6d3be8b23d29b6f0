// The settings of an emission, as laam/knobs.py declares and reads them: a knob comes with its name, key, default and bounds, and what
// can't be taken is told in the same words.
import { Fault } from "../engine/fault.js";

const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const SHOWN_CHARACTERS = 40; // of a refused value

// The value of a text. Throws Fault.
export function readKnob(knob, text) {
  return "low" in knob ? readNumber(knob, text) : readSwitch(knob, text);
}

function readNumber({ name, step, low, high, default: usual, unset }, text) {
  const isWhole = Number.isInteger(step);
  const kind = isWhole ? "a whole number" : "a number";
  const bounds = `${digits(low)} to ${digits(high)}${unset ? `, or ${digits(usual)} ${unset}` : ""}`;
  if (text === "") throw new Fault(`${name} is empty; give ${kind}, ${bounds}.`);
  const value = DECIMAL.test(text) ? Number(text) : NaN;
  if (!Number.isFinite(value) || (isWhole && !Number.isInteger(value))) {
    throw new Fault(`${name} ${shown(text)} is not ${kind}; give one from ${bounds}.`);
  }
  if ((value < low || value > high) && !(unset && value === usual)) throw new Fault(`${name} ${value} is outside ${bounds}.`);
  return value;
}

function readSwitch({ name }, text) {
  const word = text.toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  if (["0", "false", "no", "off"].includes(word)) return false;
  throw new Fault(`${name} ${shown(text)} is neither on nor off; give 1 or 0.`);
}

function digits(value) {
  return value.toLocaleString("en", { maximumFractionDigits: 20 });
}

function shown(text) {
  const quoted = `'${text}'`;
  return quoted.length <= SHOWN_CHARACTERS ? quoted : `${quoted.slice(0, SHOWN_CHARACTERS)}…`;
}

// What the values of a link ask for, see readLink: { path, settings }, with each setting by the name of its knob. Throws Fault.
export function askOfLink(values, knobs) {
  const value = (knob) => (values[knob.key] ? readKnob(knob, values[knob.key]) : knob.default);
  return { path: values.path ?? "", settings: Object.fromEntries(knobs.map((knob) => [knob.name, value(knob)])) };
}

// The query of a link that asks the same: without what is the default, and with the seed of whatever is drawn, tokens or noise.
export function queryOf(path, settings, knobs) {
  const isDrawn = settings.temperature > 0;
  const tells = (knob) => (knob.name === "seed" ? isDrawn || settings.noise > 0 : settings[knob.name] !== knob.default && (isDrawn || knob.name !== "top_k"));
  const told = knobs.filter(tells).map((knob) => `${knob.key}=${Number(settings[knob.name])}`);
  return [`path=${encodeURIComponent(path).replaceAll("%2F", "/")}`, ...told].join("&");
}
