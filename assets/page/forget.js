// What a model must lose until the file that is shown is no longer a copy: a row of strips with fewer bits, and one with more chance. What is
// known stands there; the rest is written when somebody asks for it. A click on a strip shows its emission in the panes.
import { shownFields } from "./exhibit.js";
import { strip as picture } from "./strip.js";

const KEYS = { bits: "bits", chance: "t" }; // in a link
const SHORT = { bits: (value) => `${value} bits`, chance: (value) => value.toFixed(2) };
const WORDS = { waiting: "others go first", running: "writing…" };

const section = document.querySelector(".forget");
const { server } = JSON.parse(document.querySelector("#site").textContent);
const source = server ? { known, write } : await import("./forget_here.js");
let asked = {}; // of what file the strips are: { path, model }

function make(tag, name, text, ...nodes) {
  const node = Object.assign(document.createElement(tag), { className: name, textContent: text });
  node.append(...nodes);
  return node;
}

// What is known of a file: its strips, see laam/serving/forgetting.py; null if there is nothing to forget.
async function known({ path, model }) {
  const answer = await fetch(`forget?${new URLSearchParams({ path, model })}`).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

// Writes a row: `show(strip)` gets each strip as it grows, `end(refused)` is told that no more come. Gives what stops it.
function write(row, steps, { path, model }, show, end) {
  const stream = new EventSource(`forget/stream?${new URLSearchParams({ path, model, row })}`);
  const over = (refused) => {
    stream.close();
    end(refused);
  };
  stream.addEventListener("message", (event) => show(JSON.parse(event.data)));
  stream.addEventListener("end", () => over(""));
  stream.addEventListener("refused", (event) => over(JSON.parse(event.data)));
  stream.addEventListener("error", () => over("The connection broke off."));
  return () => stream.close();
}

class Row {
  #strips = new Map(); // by their values
  #stop = null; // ends what is being written

  constructor(group) {
    this.group = group;
    this.name = group.dataset.row;
    this.steps = group.dataset.steps.split(" ").map(Number);
    this.slider = this.#find("input");
    this.slider.addEventListener("input", () => this.#tell());
    this.#find("[data-action=begin]").addEventListener("click", () => this.#begin());
    this.#find("[data-action=stop]").addEventListener("click", () => this.end("Stopped."));
    this.#find("ol").addEventListener("click", (event) => {
      const row = event.target.closest("li");
      if (!row) return;
      this.#go([...row.parentElement.children].indexOf(row));
      if (event.target.closest("a")) document.querySelector(".exhibit").scrollIntoView({ block: "start" });
    });
  }

  // Another file, or what is known of this one by now.
  lay(strips) {
    this.#strips = new Map([...this.#strips].filter(([, { state }]) => state === "done"));
    for (const each of strips) if (each.row === this.name && !(each.state === "measured" && this.#strips.has(each.value))) this.#strips.set(each.value, each);
    this.#draw();
  }

  clear() {
    this.end("");
    this.#strips.clear();
    this.slider.value = 0;
  }

  // Goes to the step of a value, if it has one.
  follow(value) {
    const at = this.steps.indexOf(value);
    if (at >= 0) this.#go(at);
  }

  end(text) {
    this.#stop?.();
    this.#stop = null;
    const [begin, stop] = [this.#find("[data-action=begin]"), this.#find("[data-action=stop]")];
    const moved = document.activeElement === stop;
    stop.hidden = true;
    for (const [value, { state }] of this.#strips) if (state in WORDS) this.#strips.delete(value);
    this.#draw();
    if (moved) (begin.hidden ? this.slider : begin).focus();
    this.#say(text);
  }

  #begin() {
    this.end("");
    this.#find("[data-action=begin]").hidden = true;
    this.#find("[data-action=stop]").hidden = false;
    this.#find("[data-action=stop]").focus();
    this.#say("It is being written…");
    this.#stop = source.write(this.name, this.steps, asked, (strip) => {
      this.#strips.set(strip.value, strip);
      this.#draw();
    }, (refused) => this.end(refused || this.#summary()));
  }

  #draw() {
    const rows = this.steps.map((value) => this.#row(value, this.#strips.get(value) ?? { state: "" }));
    const held = [...this.#find("ol").children].findIndex((row) => row.contains(document.activeElement));
    this.#find("ol").replaceChildren(...rows);
    if (held >= 0) rows[held].querySelector("a")?.focus();
    this.group.toggleAttribute("data-empty", !this.#strips.size);
    if (!this.#stop) this.#find("[data-action=begin]").hidden = this.steps.every((value) => this.#strips.get(value)?.state === "done");
    this.#tell();
  }

  #row(value, { state, ticks, score, query }) {
    const name = make(query ? "a" : "span", "name", SHORT[this.name](value));
    if (query) {
      Object.assign(name, { href: `?${query}`, title: "see the whole text" });
      name.dataset.link = "";
    }
    const drawn = make(query ? "a" : "div", "strip", "", ticks ? picture(ticks) : "");
    if (query) {
      Object.assign(drawn, { href: `?${query}`, tabIndex: -1, ariaHidden: "true" });
      drawn.dataset.link = "";
    }
    const row = make("li", state === "done" ? "done" : "", "", name, drawn, make("span", "score", WORDS[state] ?? score ?? ""));
    row.dataset.value = value;
    return row;
  }

  // The slider at a step.
  #go(at) {
    this.slider.value = at;
    this.#tell();
  }

  #tell() {
    const at = this.slider.valueAsNumber;
    const value = this.steps[at];
    const { said, state } = this.#strips.get(value) ?? {};
    const words = said || `${SHORT[this.name](value)}: ${WORDS[state] ?? "not written yet"}`;
    if (this.#find("output").textContent !== words) this.#find("output").textContent = words;
    this.slider.setAttribute("aria-valuetext", words);
    [...this.#find("ol").children].forEach((row, number) => row.toggleAttribute("data-here", number === at));
  }

  #summary() {
    const first = this.steps.map((value) => this.#strips.get(value)).find((strip) => !strip?.identical);
    return first ? `${first.name[0].toUpperCase()}${first.name.slice(1)}: no longer identical.` : "It stays identical at each of them.";
  }

  #say(text) {
    this.#find("[role=status]").textContent = text;
  }

  #find(selector) {
    return this.group.querySelector(selector);
  }
}

const rows = [...section.querySelectorAll(".losing")].map((group) => new Row(group));

// Show what is known of the file that `said` is of, and go to the step that it is at.
async function show(said) {
  const of = asked;
  const strips = said.licence && said.score !== "aside" ? await source.known(of, said) : null;
  if (of !== asked) return; // another one was begun
  section.hidden = !strips;
  for (const row of rows) {
    row.lay(strips ?? []);
    row.follow(valueOf(row, said));
  }
}

// A server tells the address of what is shown; what this browser writes has that of the page.
function valueOf(row, { address }) {
  return Number(new URLSearchParams(server ? address : location.search).get(KEYS[row.name]));
}

function begin(said) {
  if (said.file === asked.path && said.model_name === asked.model) {
    for (const row of rows) row.follow(valueOf(row, said));
    return;
  }
  asked = { path: said.file, model: said.model_name };
  section.hidden = true;
  for (const row of rows) row.clear();
  show(said);
}

addEventListener("laam-begun", ({ detail: said }) => begin(said));
addEventListener("laam-seen", ({ detail: said }) => {
  if (section.hidden || said.lossy || said.address?.includes("&t=")) show(said); // more is known now
});
if (shownFields().file) begin(shownFields()); // it was begun before this script was there
addEventListener("pagehide", () => rows.forEach((row) => row.end("")));
