// Certainty: a thin mark in the gutter of each line that the model wrote, if the visitor wishes. Off at first; asked for only then.
import { home } from "./home.js";

const MEANING =
  "Certainty: the higher the mark at a line’s left edge, the surer the model was. It is the least probability that the model gives to a token of " +
  "the line, after its prompt and the tokens before.";
const button = Object.assign(document.createElement("button"), { type: "button", textContent: "certainty", hidden: true, ariaPressed: "false" });
const meaning = Object.assign(document.createElement("p"), { className: "signs sure-meaning", hidden: true });
meaning.setAttribute("role", "status");
button.dataset.action = "certainty";
let exhibit = null;
let shown = ""; // the query whose lines these are
let lines = [];

const query = () => exhibit.querySelector('[data-field="address"]').textContent || "";
const percent = (share) => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;

function clear() {
  for (const row of exhibit.querySelectorAll(".row.sure")) row.classList.remove("sure");
  meaning.hidden = true;
}

async function mark() {
  clear();
  const wanted = query();
  if (button.ariaPressed !== "true") return;
  meaning.hidden = false;
  if (shown !== wanted) {
    meaning.textContent = "Certainty is being computed…";
    const answer = await fetch(new URL(`certainty?${wanted}`, home())).catch(() => null);
    const told = answer ? await answer.json() : { detail: "The server didn’t answer." };
    if (query() !== wanted || button.ariaPressed !== "true") return;
    if (!answer?.ok) {
      meaning.textContent = told.detail;
      return;
    }
    [shown, lines] = [wanted, told];
  }
  for (const row of exhibit.querySelectorAll(".row[data-e]")) {
    const share = lines[row.dataset.e - 1];
    if (share === null || share === undefined) continue;
    row.classList.add("sure");
    row.style.setProperty("--sure", share);
    row.querySelector(".n").title = `the least sure token: ${percent(share)}`;
  }
  const known = lines.filter((share) => share !== null).sort((a, b) => a - b);
  const here = known.length ? ` Here: ${percent(known[0])} at least, and half of the lines above ${percent(known[known.length >> 1])}.` : "";
  meaning.textContent = MEANING + here;
}

function changed() {
  const asked = new URLSearchParams(query());
  const done = exhibit.dataset.state === "done";
  button.hidden = !done || !asked.get("path") || asked.has("t") || asked.has("piece");
  if (done && !button.hidden) mark();
  else clear();
}

button.addEventListener("click", () => {
  button.ariaPressed = String(button.ariaPressed !== "true");
  mark();
});

const waiting = new MutationObserver(() => {
  exhibit = document.querySelector(".exhibit");
  if (!exhibit) return;
  waiting.disconnect();
  exhibit.querySelector(".tools").append(button);
  exhibit.querySelector(".signs").after(meaning);
  new MutationObserver(changed).observe(exhibit, { attributes: true, attributeFilter: ["data-state", "data-run"] });
  changed();
});
waiting.observe(document, { childList: true, subtree: true });
