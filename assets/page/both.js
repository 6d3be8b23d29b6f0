// The models side by side: if more than one is at hand, a click shows what each gives of the file that is shown.
import { home } from "./home.js";
import { strip } from "./strip.js";

const button = Object.assign(document.createElement("button"), { type: "button", hidden: true, textContent: "compare the models on this file" });
const list = Object.assign(document.createElement("ol"), { className: "both", hidden: true });
const status = Object.assign(document.createElement("p"), { className: "both-status" });
button.dataset.action = "both";
status.setAttribute("role", "status");
let exhibit = null;

const here = () => Number(document.querySelector(".quiet")?.dataset.here);
const path = () => new URLSearchParams(exhibit.querySelector('[data-field="address"]').textContent).get("path");

function make(tag, name, text) {
  return Object.assign(document.createElement(tag), { className: name, textContent: text });
}

function row(one) {
  const item = document.createElement("li");
  const link = make("a", "", one.model);
  link.href = new URL(`?${one.query}`, home());
  const name = make("span", "model", "");
  name.append(link, " ", make("span", one.licence === "MIT" ? "licence settled" : "licence", one.licence));
  const picture = make("div", "strip", "");
  picture.append(strip(one.ticks));
  item.append(name, picture, make("b", "", one.reproduced), make("span", "said", one.said));
  return item;
}

async function show() {
  const wanted = path();
  status.textContent = "Each model is asked for it…";
  const answer = await fetch(new URL(`both?${new URLSearchParams({ path: wanted })}`, home())).catch(() => null);
  const told = answer ? await answer.json() : { detail: "The server didn’t answer." };
  if (path() !== wanted) return;
  status.textContent = answer?.ok ? "Each was given only the file’s name, and wrote greedily." : told.detail;
  if (!answer?.ok) return;
  list.replaceChildren(...told.map(row));
  list.hidden = false;
}

function changed() {
  button.hidden = exhibit.dataset.state !== "done" || here() < 2 || !path();
  if (exhibit.dataset.state === "done") return;
  list.hidden = true;
  status.textContent = "";
}

button.addEventListener("click", show);
const waiting = new MutationObserver(() => {
  exhibit = document.querySelector(".exhibit");
  if (!exhibit) return;
  waiting.disconnect();
  exhibit.querySelector(".note").append(button);
  exhibit.querySelector(".details").before(status, list);
  new MutationObserver(changed).observe(exhibit, { attributes: true, attributeFilter: ["data-state", "data-run"] });
});
waiting.observe(document, { childList: true, subtree: true });
