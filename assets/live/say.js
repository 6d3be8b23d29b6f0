import { WORDS } from "./words.js";

// A share in 0…1 with one decimal, rounded down.
export function percent(share) {
  return share >= 1 ? "100 %" : `${(Math.min(999, Math.floor(share * 1000 + 1e-6)) / 10).toFixed(1)} %`;
}

// A sentence of words.js with its values filled in; numbers come as people write them.
export function say(name, values = {}) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}
