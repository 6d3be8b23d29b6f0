// The models side by side: what each that is at hand gives of the file that is shown. A click on one shows its emission.
import { strip } from "./strip.js";

const exhibit = document.querySelector(".exhibit");
const list = exhibit.querySelector(".compared");
const models = document.querySelectorAll("#models input:not(:disabled)").length;
let shown = ""; // the file whose rows these are

function make(tag, name, text, ...nodes) {
  const node = Object.assign(document.createElement(tag), { className: name, textContent: text });
  node.append(...nodes);
  return node;
}

function row({ model, licence, query, ticks, reproduced, said }) {
  const link = Object.assign(make("a", "", model), { href: `?${query}` });
  const name = make("span", "model", "", link, " ", make("span", licence === "MIT" ? "licence settled" : "licence", licence));
  return make("li", "", "", name, make("div", "strip", "", strip(ticks)), make("b", "", reproduced), make("span", "said", said));
}

async function show({ detail: said }) {
  const path = new URLSearchParams(said.address).get("path") ?? said.file;
  if (models < 2 || path === shown || !said.licence) return; // which only a file of the release has
  list.hidden = true;
  shown = path;
  const answer = await fetch(`compare?${new URLSearchParams({ path })}`).catch(() => null);
  if (!answer?.ok || path !== shown) return;
  const rows = (await answer.json()).map(row);
  list.replaceChildren(...rows);
  list.hidden = rows.length < 2;
}

addEventListener("laam-seen", show);
addEventListener("laam-begun", () => {
  if (exhibit.querySelector('[data-field="file"]').textContent === shown) return;
  list.hidden = true;
  shown = "";
});
