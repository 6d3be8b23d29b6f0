// The address of the page: the one place that reads it as it was meant, changes it, and tells the Hub's page around a Space of it.
import { keysOf, queryBehindHash, readLink, unknownSentence } from "../live/link.js";

export const HUB = "https://huggingface.co";

/** What the address asks for: { values, unknown }, see readLink. */
export function askedFor(view = window) {
  return readLink(view.location.search, keysOf(view.document));
}

/** Change the address; `step`: Back undoes it. */
export function setAddress(address, { step = false, view = window, host = HUB } = {}) {
  view.history[step ? "pushState" : "replaceState"](view.history.state, "", address);
  tellHost(view, host);
}

/** A Space stands in a frame of the Hub's page, whose own address leads here again only if it is told of each change. */
export function tellHost(view = window, host = HUB) {
  if (view.parent === view || (view.location.ancestorOrigins?.[0] ?? host) !== host) return;
  const shown = new URLSearchParams(view.location.search);
  for (const key of [...shown.keys()]) if (key.startsWith("__")) shown.delete(key); // what the Hub itself added, such as a signature
  const queryString = shown.toString().replaceAll("%2F", "/");
  view.parent.postMessage({ queryString, hash: view.location.hash }, host);
}

/** An address that was cut at the `#` of an escaped `&` is opened again as it was meant. */
export function mendAddress(view = window) {
  const query = queryBehindHash(view.location);
  if (query !== null) view.location.replace(query);
}

/** Name in `place` what is unknown in the address, if anything. */
export function sayUnknown(place, unknown = askedFor().unknown) {
  place.textContent = unknownSentence(unknown);
  place.hidden = !unknown.length;
}
