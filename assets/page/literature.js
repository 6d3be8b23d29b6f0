// The literature's measures of the file on the page, when somebody asks for them.
import { home } from "./home.js";

const section = () => document.querySelector(".literature");
const find = (selector) => section().querySelector(selector);
const field = (name) => document.querySelector(`.exhibit [data-field="${name}"]`)?.textContent || "";
let shown = ""; // the query whose measures these are

/** File and model on the page; the measures don't depend on the settings. Empty if no file was asked for by its path. */
function asked() {
  const shown = new URLSearchParams(field("address"));
  const path = shown.get("path") || field("file"); // the replay that the page begins with has no address
  if (!path.startsWith("linux/") || shown.has("anyway")) return "";
  const model = shown.get("model");
  return new URLSearchParams(model ? { path, model } : { path }).toString();
}

function make(tag, text, ...nodes) {
  const node = document.createElement(tag);
  node.append(text, ...nodes);
  return node;
}

function row({ label, value, definition, source, url, seen }) {
  const link = make("a", source);
  link.href = url;
  link.rel = "noreferrer";
  return make("div", "", make("dt", label), make("dd", value, make("small", `${definition} `, link, ` (${seen}).`)));
}

async function measure() {
  const query = asked();
  find("[role=status]").textContent = query ? "measuring…" : "Ask for a file by its path first.";
  if (!query) return;
  const answer = await fetch(new URL(`memorisation?${query}`, home())).catch(() => null);
  const told = answer ? await answer.json() : { detail: "The server didn’t answer." };
  if (asked() !== query) return;
  find("[role=status]").textContent = answer?.ok ? "" : told.detail;
  if (!answer?.ok) return;
  shown = query;
  find("dl").replaceChildren(...told.map(row));
  find("dl").hidden = false;
}

function changed() {
  if (!section()) return;
  find(".name").textContent = new URLSearchParams(asked()).get("path")?.split("/").pop() || "the file";
  if (asked() === shown) return;
  shown = "";
  find("dl").hidden = true;
  find("[role=status]").textContent = "";
}

document.addEventListener("click", ({ target }) => {
  if (target.matches?.(".literature [data-action=begin]")) measure();
});
addEventListener("laam-begun", changed);
addEventListener("laam-seen", changed);
