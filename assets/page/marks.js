// What does this show? Three lines about the emission that was seen to its end, and the visitor's own mark of its text. A mark is kept
// by the text's sha256, in this browser alone; where a frame may keep nothing, only until the page is left.
const KEY = "laam-marks";
const MARKS = [...document.querySelectorAll(".exhibit .shows input")].map(({ value }) => value);

let marks = stored();
let keeps = true;
let text = ""; // sha256 of what is shown

const section = () => document.querySelector(".exhibit .shows");
const find = (selector) => section().querySelector(selector);

// Marks by sha256. Anything else that stands in the store is left out.
function stored() {
  try {
    const entries = Object.entries(JSON.parse(localStorage.getItem(KEY)) ?? {});
    return new Map(entries.filter(([digest, mark]) => /^[0-9a-f]{64}$/.test(digest) && MARKS.includes(mark)));
  } catch {
    return new Map();
  }
}

function store() {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(marks)));
    keeps = true;
  } catch {
    keeps = false;
  }
}

function sentence(words) {
  return words && `${words[0].toUpperCase()}${words.slice(1)}${/[.!?]$/.test(words) ? "" : "."}`;
}

// `said`: the fields of the page, see laam/serving/fields.py.
function facts(said) {
  const original = said.licence ? `the original: ${said.licence}${said.unsettled ? ", in part not settled" : ""}` : "each line’s file has a licence of its own";
  return {
    given: [said.given, said.settings],
    wrote: [`${[`${said.reproduced} ${said.measure}`, said.second].filter(Boolean).join("; ")}: ${[said.lines, said.sha256].filter(Boolean).join(", ")}`, said.instead, said.ending],
    licences: [original, `the model’s weights: ${said.model_licence}`],
    asked: [said.licence ? said.question : "Under which licence is the text that it wrote?"], // of a file whose terms nobody read, nothing
  };
}

function show({ detail: said }) {
  if (!section()) return;
  section().hidden = !said.emitted_sha256;
  text = said.emitted_sha256;
  if (!text) return;
  for (const [name, parts] of Object.entries(facts(said))) find(`.${name}`).textContent = parts.map(sentence).filter(Boolean).join(" ");
  for (const input of section().querySelectorAll("input")) {
    const label = input.nextElementSibling;
    label.textContent = [input.value, said[label.dataset.licence]].filter(Boolean).join(": ");
  }
  find("fieldset").hidden = said.score === "none" || !find(".asked").textContent; // of another text altogether there is nothing to ask
  tell("");
}

// `did`: what the visitor has just done.
function tell(did) {
  for (const input of section().querySelectorAll("input")) input.checked = input.value === marks.get(text);
  find("button").hidden = !marks.has(text);
  const counts = MARKS.map((mark) => [mark, [...marks.values()].filter((other) => other === mark).length]).filter(([, count]) => count);
  const all = counts.length ? `You have marked ${counts.map(([mark, count]) => `${mark} ${count}×`).join(", ")}.` : "";
  const lost = keeps ? "" : "This browser lets the page keep nothing, so it is forgotten when you leave.";
  find("[role=status]").textContent = [did, all, lost].filter(Boolean).join(" ");
}

// `chosen`: null takes the mark back.
function mark(chosen) {
  if (keeps) marks = stored(); // another tab may have marked something meanwhile
  if (chosen) marks.set(text, chosen);
  else marks.delete(text);
  store();
  tell(chosen ? "" : "Taken back.");
}

document.addEventListener("change", ({ target }) => {
  if (target.matches?.(".shows input")) mark(target.value);
});

document.addEventListener("click", ({ target }) => {
  if (!target.matches?.(".shows button")) return;
  mark(null);
  find("input").focus();
});

addEventListener("laam-seen", show);
