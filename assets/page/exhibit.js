// Runs once when the exhibit's gr.HTML is on the page. Gradio hands over `element`, `props` and `watch`.
// The server sends numbered updates that hold only what is new; this script appends it. All markup in an
// update was escaped by laam/compare/render.py; everything else is set as text.
const exhibit = element.querySelector(".exhibit");
const rows = exhibit.querySelector(".rows");
const ticks = exhibit.querySelector(".ticks");
const download = exhibit.querySelector('[data-action="download"]');
const fields = new Map();
for (const node of exhibit.querySelectorAll("[data-field]")) fields.set(node.dataset.field, node);
const home = new URL(element.closest("gradio-app")?.getAttribute("src") || "", document.baseURI); // another site's page may embed it

const FOLD_AT_LEAST = 16; // equal rows in a stretch
const CONTEXT = 3; // equal rows kept on either side of a fold
const ROWS_PER_FRAME = 200;

let run = null;
const runs = new Set(); // all that were ever begun: an older one that ends late must not come back
let sequence = 0;
let current = -1; // index of the difference last gone to

function start(update) {
  run = update.run;
  runs.add(run);
  exhibit.dataset.run = run;
  sequence = 0;
  current = -1;
  rows.replaceChildren();
  ticks.replaceChildren();
  for (const node of fields.values()) node.textContent = "";
  download.hidden = true;
  setFolded(false);
  // On a small screen the number would come up unseen.
  if (exhibit.getBoundingClientRect().top > 0.7 * window.innerHeight) exhibit.scrollIntoView({ block: "start" });
}

function appendRows(html) {
  if (!html) return;
  const chunk = document.createElement("div");
  chunk.className = "chunk";
  chunk.innerHTML = html;
  for (const row of chunk.querySelectorAll(".ke")) {
    // An equal row is sent once; the original's side is the same line.
    const [written, original] = row.querySelectorAll("code");
    original.innerHTML = written.innerHTML;
  }
  chunk.style.containIntrinsicBlockSize = `auto ${chunk.childElementCount * 20}px`;
  rows.append(chunk);
}

function drawTicks(marks) {
  while (ticks.childElementCount > marks.length) ticks.lastChild.remove();
  while (ticks.childElementCount < marks.length) {
    const tick = document.createElement("button");
    tick.type = "button";
    tick.tabIndex = -1;
    ticks.append(tick);
  }
  [...ticks.children].forEach((tick, index) => {
    const kind = { "=": "same", x: "differs", "·": "given" }[marks[index]] || "waiting";
    if (tick.className !== kind) tick.className = kind;
  });
}

// The whole diff anew, a frame's worth at a time: where the final alignment differs from the streamed one.
async function settle(address) {
  const wanted = run;
  const answer = await fetch(new URL(address, home));
  if (!answer.ok) return;
  const parts = (await answer.text()).split("\n");
  let first = true;
  for (let index = 0; index < parts.length; index += ROWS_PER_FRAME) {
    if (run !== wanted) return;
    if (first) rows.replaceChildren();
    first = false;
    appendRows(parts.slice(index, index + ROWS_PER_FRAME).join(""));
    await new Promise(requestAnimationFrame);
  }
}

async function finish(update) {
  if (update.settle) await settle(update.settle);
  if (run !== update.run) return;
  if (update.download) {
    download.href = new URL(update.download, home);
    download.hidden = false;
  }
  if (differences().length) setFolded(true);
  exhibit.dataset.state = update.state;
}

watch("value", () => {
  const update = props.value;
  if (!update || !update.run) return;
  if (!runs.has(update.run)) start(update);
  if (update.run !== run) return;
  if (update.sequence <= sequence) return;
  sequence = update.sequence;
  for (const [name, text] of Object.entries(update.fields)) {
    const node = fields.get(name);
    if (node && node.textContent !== text) node.textContent = text;
  }
  appendRows(update.rows);
  drawTicks(update.ticks);
  if (update.state === "running") exhibit.dataset.state = "running";
  else finish(update);
});

// Differences: the first row of each stretch that is not equal. What was given, and notes, are none.
const DIFFERENCE = ".kd, .ki, .km";

function differences() {
  return [...rows.querySelectorAll(DIFFERENCE)].filter((row) => {
    const before = row.previousElementSibling || row.parentElement.previousElementSibling?.lastElementChild;
    return !before || !before.matches(DIFFERENCE);
  });
}

function show(row) {
  row.scrollIntoView({ block: "center" });
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  rows.querySelector(".current")?.classList.remove("current");
  row.classList.add("current");
}

function go(step) {
  const all = differences();
  if (!all.length) {
    announce("There is no difference.");
    return;
  }
  current = current < 0 && step < 0 ? all.length - 1 : (current + step + all.length) % all.length;
  show(all[current]);
  announce(`Difference ${current + 1} of ${all.length}`);
}

function announce(text) {
  fields.get("announcement").textContent = text;
}

function setFolded(on) {
  exhibit.querySelector('[data-action="fold"]').setAttribute("aria-pressed", String(on));
  for (const fold of rows.querySelectorAll(".fold")) fold.remove();
  for (const row of rows.querySelectorAll(".folded")) row.classList.remove("folded");
  if (!on) return;
  const all = [...rows.querySelectorAll(".row")];
  for (let first = 0; first < all.length; ) {
    let last = first;
    while (last < all.length && all[last].classList.contains("ke")) last++;
    if (last === first) { first++; continue; }
    const from = first === 0 ? 0 : first + CONTEXT;
    const to = last === all.length ? last : last - CONTEXT;
    if (to - from >= FOLD_AT_LEAST) foldRows(all.slice(from, to));
    first = last;
  }
}

function foldRows(hidden) {
  const fold = document.createElement("button");
  fold.type = "button";
  fold.className = "fold";
  fold.textContent = `⋯ ${hidden.length} lines identical: show ⋯`;
  fold.addEventListener("click", () => {
    for (const row of hidden) row.classList.remove("folded");
    fold.remove();
    hidden[0].tabIndex = -1;
    hidden[0].focus({ preventScroll: true });
    if (!rows.querySelector(".fold")) setFolded(false);
  });
  hidden[0].before(fold);
  for (const row of hidden) row.classList.add("folded");
}

function goToLine(number) {
  const row = rows.querySelector(`.row[data-o="${number}"]`);
  if (!row) return;
  if (row.classList.contains("folded")) setFolded(false);
  show(row);
}

exhibit.addEventListener("click", (event) => {
  const action = event.target.closest("[data-action]")?.dataset.action;
  if (action === "next") go(1);
  if (action === "previous") go(-1);
  if (action === "fold") setFolded(event.target.closest("button").getAttribute("aria-pressed") !== "true");
  if (event.target.parentElement === ticks) {
    const index = [...ticks.children].indexOf(event.target);
    const lines = Number(props.value.original_lines);
    goToLine(Math.floor((index * lines) / ticks.childElementCount) + 1);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (event.key === "Escape") document.activeElement?.closest(".tip")?.blur();
  if (event.key === "n") go(1);
  if (event.key === "p") go(-1);
});

// A name that is clicked on is replaced by what is typed next, so that the list can be searched at once.
document.addEventListener("click", (event) => {
  if (event.target.matches("#path input")) event.target.select();
});
