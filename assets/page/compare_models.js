// The head of a result: a row for each model, with its name, its licence, a strip and a number. The one whose emission is shown below is
// marked; a click on another shows what that one writes. What isn't known of another is asked for once the visitor's own is there.
import { strip } from "./strip.js";

const list = document.querySelector(".exhibit .compared");
const { server, root, models = 1 } = JSON.parse(document.querySelector("#site").textContent);
let file = ""; // whose rows these are
let rows = new Map(); // what the server says of each model, by its name
let shown = {}; // what the emission below says of itself

// A model whose weights lost something has a row of its own, beside that of the model as it is.
const keyOf = ({ model_name: name, lossy }) => [name, lossy].filter(Boolean).join(" ");

function make(tag, name, text, ...nodes) {
  const node = Object.assign(document.createElement(tag), { className: name, textContent: text });
  node.append(...nodes);
  return node;
}

function row(of) {
  const { model, model_licence: licence, model_name: name, lossy, query, ticks, reproduced, said } = of;
  const isShown = keyOf(of) === keyOf(shown);
  const [words, size] = model.split(", "); // the size has no room on a phone
  const named = make(isShown || !query ? "span" : "a", "", words, make("span", "size", size && !lossy ? `, ${size}` : ""));
  if (named.localName === "a") {
    named.href = `?${query}`;
    Object.assign(named.dataset, { ask: file, model: name });
  }
  const told = lossy ? [] : [" ", make("span", licence === "MIT" ? "licence settled" : "licence", licence)]; // of the model itself it is said above
  const who = make("span", "model", "", named, ...told);
  if (lossy) who.title = model;
  const item = make("li", "", "", who, make("div", "strip", "", ticks ? strip(ticks) : ""), make("b", "", reproduced), make("span", "said", said));
  if (isShown) item.ariaCurrent = "true";
  return item;
}

function draw() {
  const all = new Map(rows).set(keyOf(shown), shown);
  list.replaceChildren(...[...all.values()].map(row));
}

async function ask(query) {
  const answer = await fetch(`compare?${new URLSearchParams(query)}`).catch(() => null);
  return answer?.ok ? answer.json() : [];
}

// `said`: the fields of the page. Only a file of the release has a licence, and is known to other models.
async function read(said) {
  list.style.setProperty("--models", said.licence ? models + (said.lossy ? 1 : 0) : 1);
  if (said.file === file) return;
  file = said.file;
  rows = new Map();
  if (!server || !said.licence) return;
  const known = await ask({ path: said.file });
  if (file === said.file) rows = new Map(known.map((each) => [each.model_name, each]));
}

async function show(said, more) {
  shown = { ...said, said: "", ...more };
  const reading = read(said);
  draw();
  await reading;
  draw();
}

// What stands beside the number of the emission below: what was written, if that is another file, what the number is of, or more numbers.
function besideOf({ address, instead, reproduced: number, second, in_short: short, lines, sha256 }) {
  const asked = new URLSearchParams(address);
  if (asked.has("against")) return `asked for ${asked.get("path").replace(`${root}/`, "")}`;
  if (instead) return short;
  return second && short.endsWith(second) ? short.slice(number.length + 1) : [lines, sha256].filter(Boolean).join(", ");
}

addEventListener("laam-begun", ({ detail: said }) => show(said, { reproduced: "…" }));
addEventListener("laam-seen", async ({ detail: said }) => {
  await show(said, { said: besideOf(said) });
  for (const { model_name: name, query, reproduced } of rows.values()) {
    if (reproduced || !query || name === keyOf(shown)) continue;
    const [known] = await ask({ path: said.file, model: name });
    if (file !== said.file) return;
    if (known) rows.set(name, known);
    draw();
  }
});
