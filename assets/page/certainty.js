// Certainty: a thin mark in the gutter of each line that the model wrote, if the visitor wishes. Off at first; asked for only then.
const MEANING =
  "Certainty: the higher the mark at a line’s left edge, the surer the model was. It is the least probability that the model gives to a token of " +
  "the line, after its prompt and the tokens before.";
const exhibit = document.querySelector(".exhibit");
const button = exhibit.querySelector('[data-action="certainty"]');
const meaning = exhibit.querySelector(".sure-meaning");
let query = ""; // of the emission that is shown
let shown = ""; // the query whose lines these are
let lines = [];

const percent = (share) => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;

function clear() {
  for (const row of exhibit.querySelectorAll(".row.sure")) row.classList.remove("sure");
  meaning.hidden = true;
}

async function mark() {
  clear();
  const wanted = query;
  if (button.ariaPressed !== "true" || !wanted) return;
  meaning.hidden = false;
  if (shown !== wanted) {
    meaning.textContent = "Certainty is being computed…";
    const answer = await fetch(`certainty?${wanted}`).catch(() => null);
    const told = answer ? await answer.json() : { detail: "The server didn’t answer." };
    if (query !== wanted || button.ariaPressed !== "true") return;
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

button.addEventListener("click", () => {
  button.ariaPressed = String(button.ariaPressed !== "true");
  mark();
});
addEventListener("laam-begun", () => {
  query = "";
  button.hidden = true;
  clear();
});
addEventListener("laam-seen", ({ detail: said }) => {
  const asked = new URLSearchParams(said.address);
  query = asked.get("path") && !asked.has("t") && !asked.has("pieces") ? said.address : "";
  button.hidden = !query;
  mark();
});
