// p_z along the file: a strip below the panes, if the visitor wishes. A click on it goes to that stretch's first line.
import { nameLine } from "./keep_address.js";

const exhibit = document.querySelector(".exhibit");
const button = exhibit.querySelector('[data-action="pz"]');
const place = exhibit.querySelector(".pz");
const [heat, words] = place.children;
let query = ""; // of the file and the model that are shown
let shown = ""; // the query whose strip this is
let firstLines = []; // of each tick, counted from 1

function make(tag, ...nodes) {
  const node = document.createElement(tag);
  node.append(...nodes);
  return node;
}

function link(address, text) {
  const node = make("a", text);
  node.href = address;
  return node;
}

function draw({ ticks, lines, said, how, least, what, legend, measure }) {
  firstLines = [...ticks].map((_, tick) => Math.floor((tick * lines) / ticks.length) + 1);
  heat.replaceChildren(...[...ticks].map((level) => Object.assign(document.createElement("i"), { className: `p${level}` })));
  heat.ariaLabel = `p_z along the file: ${said}`;
  const key = make("span", ...legend.filter(([level]) => ticks.includes(level)).map(([level, means]) => {
    const mark = make("span", Object.assign(document.createElement("i"), { className: `p${level}` }));
    mark.className = "heat";
    return make("span", mark, ` ${means}`);
  }));
  key.className = "levels";
  const weakest = least ? ["The least likely stretch: ", link(`#L${least[0]}`, `from line ${least[0].toLocaleString("en")}`), ". "] : [];
  words.replaceChildren(key, `${what} ${said} `, ...weakest, `${how} `, link(measure.url, measure.source), ` (${measure.seen}).`);
}

async function show() {
  const on = button.ariaPressed === "true" && Boolean(query);
  place.hidden = !on;
  if (!on || shown === query) return;
  const wanted = query;
  heat.replaceChildren();
  words.textContent = "p_z is being measured…";
  const answer = await fetch(`pz?${wanted}`).catch(() => null);
  const told = answer ? await answer.json() : { detail: "The server didn’t answer." };
  if (query !== wanted) return;
  if (!answer?.ok) {
    words.textContent = told.detail;
    return;
  }
  shown = wanted;
  draw(told);
}

heat.addEventListener("click", ({ clientX }) => {
  const box = heat.getBoundingClientRect();
  const tick = Math.floor(((clientX - box.left) / box.width) * firstLines.length);
  if (firstLines.length) nameLine(firstLines[Math.max(0, Math.min(firstLines.length - 1, tick))]);
});
button.addEventListener("click", () => {
  button.ariaPressed = String(button.ariaPressed !== "true");
  show();
});
addEventListener("laam-begun", () => {
  query = "";
  button.hidden = true;
  place.hidden = true;
});
addEventListener("laam-seen", ({ detail: said }) => {
  const asked = new URLSearchParams(said.address);
  const lossy = ["bits", "noise", "pruned"].some((knob) => asked.has(knob));
  const file = ["path", "model"].filter((key) => asked.get(key)).map((key) => [key, asked.get(key)]);
  query = asked.get("path") && !asked.has("against") && !lossy ? String(new URLSearchParams(file)) : "";
  button.hidden = !query;
  show();
});
