// Around the field: its list of names, the panels that the quiet line opens, and what is said of a name that can't be asked for.
const page = () => document.querySelector(".gradio-container");

function open(name) {
  const now = page().dataset.panel === name ? "" : name;
  page().dataset.panel = now;
  for (const button of document.querySelectorAll("[data-panel]:is(button)")) {
    button.setAttribute("aria-expanded", String(button.dataset.panel === now));
  }
  if (now) document.querySelector(`#${now}`)?.querySelector("textarea, input")?.focus();
}

function refuse({ refused, suggestions, anyway }) {
  const notice = document.querySelector("#notice .notice");
  if (!notice) return;
  notice.hidden = !refused;
  notice.textContent = refused ? `${refused} ` : "";
  for (const path of suggestions || []) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.dataset.ask = path;
    chip.textContent = path;
    notice.append(chip, " ");
  }
  const leaves = document.activeElement?.matches("#anyway"); // it goes once it was clicked on; whoever was on it goes where it stops
  page().toggleAttribute("data-anyway", Boolean(refused && anyway));
  if (leaves && !(refused && anyway)) document.querySelector("#emit")?.focus();
  document.querySelector(".exhibit")?.toggleAttribute("data-dimmed", Boolean(refused));
}

// No phone or browser may mend what is typed: a path and source are no prose.
function holdsCode(field) {
  if (field.getAttribute("autocorrect") === "off") return;
  for (const name of ["autocapitalize", "autocomplete", "autocorrect"]) field.setAttribute(name, "off");
  field.setAttribute("spellcheck", "false");
}

// What is too long to be sent is told at once, and never cut.
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#continue")) return;
  const length = [...document.querySelector("#source-text textarea").value].length;
  const limit = Number(document.querySelector("#notice .notice").dataset.limit);
  if (length <= limit) return;
  event.stopImmediatePropagation();
  refuse({ refused: `You pasted ${length.toLocaleString("en")} characters; give at most ${limit.toLocaleString("en")}.` });
}, true);

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.panel) open(button.dataset.panel);
  if (button?.dataset.ask) document.querySelector(".exhibit").dispatchEvent(new CustomEvent("laam-ask", { detail: button.dataset.ask }));
  if (event.target.matches("#path input")) event.target.select(); // what is typed next replaces the name
});
addEventListener("laam-refused", (event) => refuse(event.detail));
addEventListener("laam-begun", () => refuse({}));

new MutationObserver(() => {
  const field = document.querySelector("#path input");
  if (field && field.getAttribute("list") !== "files") field.setAttribute("list", "files");
  for (const each of document.querySelectorAll("#path input, #source-text textarea")) holdsCode(each);
  const absent = (document.querySelector(".quiet")?.dataset.absent || "").split(" ");
  for (const choice of document.querySelectorAll("#model input")) choice.disabled = absent.includes(choice.value);
}).observe(document, { childList: true, subtree: true });
