// A sentence of words.js with its values filled in; numbers come as people write them.
import { WORDS } from "./words.js";

export function say(name, values = {}) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
