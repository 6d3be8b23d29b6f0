// Around the field: the parts that the quiet line opens, and what is said of something that can't be asked for.
const page = document.querySelector(".page");
const notice = document.querySelector(".notice");

function open(name) {
  const now = page.dataset.panel === name ? "" : name;
  page.dataset.panel = now;
  for (const button of document.querySelectorAll("button[data-panel]")) button.ariaExpanded = String(button.dataset.panel === now);
  if (now) document.querySelector(`#${now}`)?.querySelector("textarea, input:not(:disabled)")?.focus();
}

function chip(text, data) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  Object.assign(button.dataset, data);
  return button;
}

/** Say why something can't be asked for: { refused, suggestions, anyway }, see laam/serving/refusal.py; nothing takes it back. */
export function refuse({ refused = "", suggestions = [], anyway = "" } = {}) {
  const leaves = notice.contains(document.activeElement); // whoever was on a button of it goes where it stops
  notice.hidden = !refused;
  notice.replaceChildren(refused, ...suggestions.flatMap((path) => [" ", chip(path, { ask: path })]));
  if (anyway) notice.append(" ", chip("Let the model write it anyway", { anyway }));
  if (leaves && !refused) document.querySelector("[data-writing] #stop, .page:not([data-writing]) #emit").focus();
  document.querySelector(".exhibit").toggleAttribute("data-dimmed", Boolean(refused));
}

/** Tell what the visitor waits for; empty if it is for nothing. */
export function tell(text) {
  document.querySelector(".waits").textContent = text;
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-panel]");
  if (button) open(button.dataset.panel);
  if (target.matches("#path")) target.select(); // what is typed next replaces the name
});
// What is said stays until somebody asks again; what is shown now is not what was refused.
addEventListener("laam-begun", () => document.querySelector(".exhibit").removeAttribute("data-dimmed"));
