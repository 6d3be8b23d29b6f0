// The literature's measures of the file on the page, when somebody asks for them.
const find = (selector) => document.querySelector(`.literature ${selector}`);
let shown = ""; // the query whose measures these are

/** The file in the field, and the model in the address. */
function asked() {
  const path = document.querySelector("#path").value;
  const model = new URLSearchParams(location.search).get("model");
  return path && new URLSearchParams(model ? { path, model } : { path }).toString();
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
  find("[role=status]").textContent = query ? "measuring…" : "Choose a file first.";
  if (!query) return;
  const answer = await fetch(`memorisation?${query}`).catch(() => null);
  const told = answer ? await answer.json() : { detail: "The server didn’t answer." };
  if (asked() !== query) return;
  find("[role=status]").textContent = answer?.ok ? "" : told.detail;
  if (!answer?.ok) return;
  shown = query;
  find("dl").replaceChildren(...told.map(row));
  find("dl").hidden = false;
}

document.addEventListener("click", ({ target }) => {
  if (target.matches?.(".literature [data-action=begin]")) measure();
});
document.querySelector("#path").addEventListener("input", () => {
  if (asked() !== shown) find("dl").hidden = true;
});
