// What somebody asks for, put to the sealed originals: what the answer is held against. As in laam/emission/question.py.
import { Fault } from "../engine/fault.js";
import { Lead } from "./lead.js";
import { locate } from "./lookup.js";
import { say } from "./say.js";
import { foundAt } from "./wording.js";

// `ask`: { path } or { source }, and `settings` by the names of laam/knobs.py, of which any may be left out. Gives
// { source, settings, original, lead, heading }: `original` is null where the source points to no file; `name` is then what the text
// is coloured by. Throws Fault.
export function questionOf({ path = "", source = "", settings = {} }, sealed, digests) {
  if (source) return { source, settings, ...aboutSource(source, sealed, digests) };
  const original = sealed.find(path);
  if (!original) throw new Fault(`There is no file “${path}” here. Choose one of the list.`);
  return { source, settings, original, lead: new Lead(), heading: original.heading };
}

function aboutSource(source, sealed, digests) {
  const location = locate(source, sealed.index, digests);
  if (!location) return { original: null, name: sealed.usualName, lead: new Lead(source), heading: sealed.header.unlocated };
  const { lines } = new Lead(source);
  const lead = new Lead(source, location.following - lines.length);
  const original = sealed.original(location.path, location.following);
  const origin = `${original.heading.origin}${foundAt(location)}`;
  return { original, lead, heading: { ...original.heading, origin, measure: say("of_rest"), score: "aside" } };
}
