// "The whole kernel, please", or whatever the corpus is, of the exhibit's own model: the files come one after the other, and the map fills as they do. One run serves all who watch.
const FRAMES = 400; // in which at least the files are shown that are there already: some seven seconds
let source = null;
let waiting = []; // files that came and are not shown yet
let shown = 0;
let identical = 0;
let of = 0;
let missing = null; // what all files would need to be built, if that is known; null until all files came

const find = (selector) => document.querySelector(`.atlas .whole ${selector}`);
const map = () => document.querySelector(".atlas .map");

/** Only if it is news: a page that is laid out anew in every frame keeps a processor busy. */
function say(text) {
  const status = find("[role=status]");
  if (status.textContent !== text) status.textContent = text;
}

function end(text) {
  source?.close();
  source = null;
  waiting = [];
  find("[data-action=whole]").hidden = false;
  find("[data-action=enough]").hidden = true;
  map().removeAttribute("data-filling");
  say(text);
}

function step() {
  if (!source) return;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const { path, identical: same } of waiting.splice(0, still ? waiting.length : Math.ceil(of / FRAMES))) {
    shown += 1;
    identical += same;
    map().querySelector(`.cell[data-path="${CSS.escape(path.replace(/^[^/]*\//, ""))}"]`)?.classList.add("came");
  }
  if (missing !== null && !waiting.length) return finish();
  say(`${identical.toLocaleString("en")} of ${of.toLocaleString("en")} files by our own model, each with the sha256 of the original`);
  requestAnimationFrame(step);
}

function finish() {
  end(`${identical.toLocaleString("en")} of ${shown.toLocaleString("en")} files that the exhibit’s own model was trained on came with the sha256 of the original. ${missing}`);
  find(".tar").href = "whole.tar";
  find(".tar").hidden = !identical;
}

function begin() {
  [shown, identical, of, missing] = [0, 0, 0, null];
  for (const cell of map().querySelectorAll(".came")) cell.classList.remove("came");
  find(".tar").hidden = true;
  find("[data-action=whole]").hidden = true;
  find("[data-action=enough]").hidden = false;
  find("[data-action=enough]").focus();
  map().setAttribute("data-filling", "");
  source = new EventSource("whole/stream");
  source.addEventListener("files", (event) => { of = JSON.parse(event.data); });
  source.addEventListener("message", (event) => waiting.push(JSON.parse(event.data)));
  source.addEventListener("end", (event) => {
    missing = JSON.parse(event.data);
    source.onerror = null; // the server has closed the stream: there is nothing more to come
    source.close();
  });
  source.addEventListener("refused", (event) => end(JSON.parse(event.data)));
  source.onerror = () => end("The connection broke off.");
  requestAnimationFrame(step);
}

document.addEventListener("click", (event) => {
  const action = event.target.closest(".atlas .whole button")?.dataset.action;
  if (action === "whole") begin();
  if (action === "enough") {
    end("Stopped.");
    find("[data-action=whole]").focus();
  }
});
addEventListener("pagehide", () => source?.close());
