// Which model answers and which originals it is held against, as the page says it; and picking another model, which may have to be fetched.
import { refuse, tell } from "./asking.js";
import { eventsOf, faultOf } from "./server.js";

const find = (selector) => document.querySelector(selector);
let writtenBy = find("#models").dataset.writtenBy;

/** Show what the server says of a model: see laam/exhibit/words.py. */
function show(state) {
  find(".line").style.minHeight = `${find(".line").offsetHeight}px`; // fewer chips move nothing
  writtenBy = state.model;
  find(".question").replaceChildren(...state.lead.map((sentence) => Object.assign(document.createElement("span"), { textContent: `${sentence} ` })));
  find('button[data-panel="models"] b').textContent = state.whose;
  find('button[data-panel="models"] .size').textContent = state.model.slice(state.whose.length);
  find(".reasons").textContent = state.sentences.join(" ");
  find("#source-info").textContent = state.source_info;
  for (const numbered of document.querySelectorAll("[data-pieces]")) numbered.hidden = !state.pieces;
  for (const { name, label, absent } of state.choices) {
    const input = find(`#models input[value="${CSS.escape(name)}"]`);
    if (!input) continue;
    input.disabled = absent;
    input.parentElement.lastElementChild.textContent = label;
    if (name === state.picked) input.checked = true;
  }
  find("#files").replaceChildren(...state.names.map(([value, marked]) =>
    Object.assign(document.createElement("option"), { value, label: marked ? `${value} ● in the training set` : "" })));
  find(".try .chips").innerHTML = state.chips; // which the server has escaped
  find(".snippets").innerHTML = state.snippets;
  find(".fault").textContent = state.fault;
  refuse();
}

async function pick(model) {
  const answer = await fetch(`model/stream?${new URLSearchParams({ model })}`).catch(() => null);
  if (!answer?.ok) return refuse((answer && (await faultOf(answer)).answer) || { refused: "The exhibit can’t be reached. Try again in a moment." });
  for await (const { event, data } of eventsOf(answer.body)) {
    if (event === "progress") tell(`fetching ${data.file}: ${Math.floor((100 * data.done) / data.total)} %`);
    else if (event === "refused") refuse(data);
    else show(data);
  }
  return tell("");
}

find("#models").addEventListener("change", ({ target }) => pick(target.value));
// The model that was wanted may have come since the page was made.
addEventListener("laam-seen", async ({ detail: said }) => {
  if (!said.model || said.lossy || said.model === writtenBy) return;
  writtenBy = said.model;
  const model = find("#models input:checked")?.value ?? "";
  const answer = await fetch(`state.json?${new URLSearchParams({ model })}`).catch(() => null);
  if (answer?.ok) show(await answer.json());
});
