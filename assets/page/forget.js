// Make it forget: the file on the page at six temperatures, a strip for each, as they come. It ends when the visitor leaves.
import { strip as picture } from "./strip.js";

let source = null;

const section = document.querySelector(".forget");
const find = (selector) => section.querySelector(selector);

function make(tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
}

/** The file in the field; model and seed from the address. */
function asked() {
  const given = new URLSearchParams(location.search);
  const query = new URLSearchParams({ path: document.querySelector("#path").value });
  for (const name of ["model", "seed"]) if (given.get(name)) query.set(name, given.get(name));
  return query;
}

function say(text) {
  find("[role=status]").textContent = text;
}

function end(text) {
  source?.close();
  source = null;
  const moved = document.activeElement?.matches(".forget [data-action=stop]");
  find("[data-action=begin]").hidden = false;
  find("[data-action=stop]").hidden = true;
  if (moved) find("[data-action=begin]").focus();
  for (const row of section.querySelectorAll("li:not(.done)")) row.lastElementChild.textContent = "";
  say(text);
}

function show(strip, query) {
  const list = find("ol");
  const name = `t-${String(strip.temperature).replace(".", "-")}`;
  let row = list.querySelector(`.${name}`);
  if (!row) {
    row = make("li", name);
    const link = make("a", "", strip.temperature.toFixed(2));
    link.href = `./?${query}&t=${strip.temperature}`;
    link.title = "see the whole text at this temperature";
    row.append(link, make("div", "strip"), make("span", "score"));
    list.append(row);
  }
  row.classList.toggle("done", strip.state === "done");
  if (strip.ticks) row.children[1].replaceChildren(picture(strip.ticks));
  const words = { waiting: "others go first", running: "writing…" };
  const notes = [strip.reproduced, strip.identical && "identical ✓", strip.closed_early && "closed early"];
  row.lastElementChild.textContent = words[strip.state] || notes.filter(Boolean).join(", ");
}

function begin() {
  end("");
  const query = asked();
  if (!query.get("path")) return say("Choose a file first.");
  find("ol").replaceChildren();
  find("ol").hidden = false;
  find("[data-action=begin]").hidden = true;
  find("[data-action=stop]").hidden = false;
  find("[data-action=stop]").focus();
  say("It is being written…");
  source = new EventSource(`forget/stream?${query}`);
  source.addEventListener("message", (event) => show(JSON.parse(event.data), query));
  source.addEventListener("end", () => end(summary()));
  source.addEventListener("refused", (event) => end(JSON.parse(event.data)));
  source.addEventListener("error", () => end("The connection broke off."));
}

function summary() {
  const all = [...section.querySelectorAll("li")];
  const first = all.findIndex((row) => !row.lastElementChild.textContent.includes("identical"));
  if (first < 0) return "It stays identical at each of them.";
  return first ? `At temperature ${all[first].firstElementChild.textContent} it is no longer identical.` : "It is identical at none of them.";
}

document.addEventListener("click", (event) => {
  const action = event.target.closest(".forget button")?.dataset.action;
  if (action === "begin") begin();
  if (action === "stop") end("Stopped.");
});
document.querySelector("#path").addEventListener("input", () => {
  if (find("ol").hidden) return;
  end("");
  find("ol").hidden = true;
  find("ol").replaceChildren();
});
addEventListener("pagehide", () => source?.close());
