// What an address asks for, read as laam/emission/links.py reads it. `keys` is what that module hands over: of a knob, by each of its
// names, and the keys of others.
const ESCAPE = "(?:(?:amp|#0*38|#x0*26);)+"; // of `&`, for HTML
const ESCAPED_KEY = new RegExp(`^${ESCAPE}`, "i");
const ESCAPED_JOIN = new RegExp(`&${ESCAPE}(?=\\w+=)`, "i");
const SHOWN = 5; // unknown keys that are named
const SHOWN_CHARACTERS = 40; // of each

/** The keys that the page's server, or its folder, was made with. */
export function keysOf(document) {
  return JSON.parse(document.querySelector("#link-keys").textContent);
}

/** Gives { values, unknown }: the values by the keys of the knobs, without those that are empty, and the names of what is unknown. */
export function readLink(query, { keys, others }) {
  const values = {};
  const unknown = new Set();
  for (const [name, value] of new Map(pairs(query))) {
    const plain = name.toLowerCase().replaceAll("-", "_");
    if (!Object.hasOwn(keys, plain)) {
      if (name && !others.some((other) => (other.endsWith("*") ? plain.startsWith(other.slice(0, -1)) : plain === other))) unknown.add(name);
    } else if (value) values[keys[plain]] = value;
  }
  return { values, unknown: [...unknown] };
}

/** A sentence that names the unknown keys; empty if there are none. */
export function unknownSentence(unknown) {
  if (!unknown.length) return "";
  const names = unknown.map((name) => (name.length <= SHOWN_CHARACTERS ? name : `${name.slice(0, SHOWN_CHARACTERS)}…`));
  const shown = [...names.slice(0, SHOWN), ...(names.length > SHOWN ? ["…"] : [])];
  return `This link has ${names.length === 1 ? "a key" : "keys"} that the exhibit doesn’t know: ${shown.join(", ")}.`;
}

/** The query of an address, whose `&` may have been escaped as `&#038;`, so that the rest of it stands behind the `#`; null if it has not. */
export function queryBehindHash({ search, hash }) {
  return ESCAPED_KEY.test(hash) ? `${search.replace(/&$/, "")}&${hash.replace(ESCAPED_KEY, "")}` : null;
}

function* pairs(query) {
  for (const [name, value] of new URLSearchParams(query)) {
    const [first, ...rest] = value.split(ESCAPED_JOIN);
    yield [name.replace(ESCAPED_KEY, ""), first];
    for (const pair of rest) yield [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)];
  }
}
