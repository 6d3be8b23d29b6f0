// The panes and what stands around them. They take numbered updates that hold only what is new, whoever writes: the server, a recording, or
// the model in this browser; the player shows them at its own speed. All markup in an update was escaped by laam/compare/render.py (or
// live/rows.js); everything else is set as text. The page has one exhibit.
import { Player } from "./player.js";

const exhibit = document.querySelector(".exhibit");
const page = document.querySelector(".page"); // tells the rest of the page whether the model is at work
const find = (selector) => exhibit.querySelector(selector);
const rows = find(".rows");
const download = find('[data-action="download"]');
const against = find('[data-action="against"]');
const fields = new Map();
for (const node of exhibit.querySelectorAll("[data-field]")) fields.set(node.dataset.field, node);

const FOLD_AT_LEAST = 16; // equal rows in a stretch
const CONTEXT = 3; // equal rows kept on either side of a fold
// What is said of the whole is kept back until the whole is seen.
const AT_ONCE = new Set(["file", "origin", "right_title", "sealed", "licence", "unsettled", "notices", "more_notices", "model",
  "model_licence", "mode", "mode_note", "prompt", "lead", "address"]);

const FOR_NOW = new Set(["measure", "announcement"]); // in the end they may be others, which the whole is waited for with

const TWICE_MS = 500; // within which a second click in the same place belongs to the first

let began = 0; // when Stop took the place of Write it
let clickedAt = null; // where Write it was clicked on
let run = null;
const runs = new Set(); // all that were ever begun: an older one that ends late must not come back
let sequence = 0;
let current = -1; // index of the difference last gone to
let last = null; // the final update, until it is seen
let held = {};
let said = {}; // the fields so far

function start(update) {
  run = update.run;
  runs.add(run);
  exhibit.dataset.run = run;
  exhibit.toggleAttribute("data-opening", Boolean(update.opening));
  sequence = 0;
  current = -1;
  last = null;
  held = {};
  said = { ...update.fields };
  for (const node of fields.values()) node.textContent = "";
  download.hidden = against.hidden = true;
  hideTools();
  exhibit.dataset.state = "running";
  colour(false);
  set("measure", said.measure || "");
  find(".by").textContent = "Written by";
  player.begin([], 0);
  window.dispatchEvent(new CustomEvent("laam-begun", { detail: said }));
  // On a small screen the number would come up unseen.
  if (!update.opening && exhibit.getBoundingClientRect().top > 0.7 * window.innerHeight) exhibit.scrollIntoView({ block: "start" });
}

// The number is grey as long as it runs only if it can't become a share of a whole original: see `kind` in laam/emission/headline.py.
function colour(whole) {
  exhibit.dataset.score = whole || said.score === "aside" ? said.score : "";
}

// What is said of differences, and leads to them, is for a whole text.
function hideTools() {
  for (const each of exhibit.querySelectorAll(".tools > *")) each.hidden = true;
  find('[data-action="fold"]').setAttribute("aria-pressed", "false");
}

function set(name, text) {
  const node = fields.get(name);
  const term = node?.closest("dl > div")?.firstElementChild.textContent;
  if (term && text.startsWith(`${term} `)) text = text.slice(term.length + 1); // it stands beside it
  if (node) write(node, text);
}

// The same text again would be laid out again.
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// The whole diff anew, where the final alignment differs from the streamed one.
async function settle(update) {
  const answer = await fetch(update.settle).catch(() => null); // without it, what was streamed stays
  if (run !== update.run || !answer?.ok) return;
  player.replace((await answer.text()).split("\n").filter(Boolean));
}

// What is known before the model has written anything: the bars, and whose they are.
function lay(update) {
  for (const [name, text] of Object.entries(update.fields)) set(name, text);
  mark(update.fields.model_licence);
  find(".by").textContent = "Will be written by";
  player.begin(update.lengths, update.first_line, update.given);
  player.pause();
  exhibit.dataset.state = "ready";
}

function mark(licence) {
  fields.get("model_licence").classList.toggle("settled", licence === "MIT");
}

async function take(update) {
  if (update.state === "ready") return lay(update);
  if (!runs.has(update.run)) start(update);
  if (update.run !== run || update.sequence <= sequence) return;
  sequence = update.sequence;
  if (update.lengths?.length) player.begin(update.lengths, update.first_line, update.given);
  if (update.fields.address !== undefined) window.dispatchEvent(new CustomEvent("laam-address", { detail: update.fields.address }));
  for (const [name, text] of Object.entries(update.fields)) {
    said[name] = text;
    if (AT_ONCE.has(name) || (FOR_NOW.has(name) && update.state === "running")) set(name, text);
    else held[name] = text;
  }
  mark(said.model_licence);
  if (update.rows) player.push(update.rows.split("\n"));
  const live = update.state === "running";
  work(live && said.mode === "Live");
  if (live) return;
  if (update.settle) await settle(update);
  if (run !== update.run) return;
  last = update;
  if (update.counted) {
    set("measure", said.measure);
    player.count(update.counted);
  }
  player.finish();
}

// Stop stands where Write it does while the model is at work; who was on one of them is on the other one then.
function work(on) {
  if (page.hasAttribute("data-writing") === on) return;
  const [from, to] = [on ? "#emit" : "#stop", on ? "#stop" : "#emit"].map((name) => page.querySelector(name));
  const moved = from && document.activeElement === from;
  page.toggleAttribute("data-writing", on);
  if (on) began = performance.now();
  if (moved) to?.focus();
}

// Whoever clicks twice on Write it doesn't want to stop: Stop stands there by then.
addEventListener("click", (event) => {
  const twice = event.isTrusted && event.target.closest?.("#stop") && performance.now() - began < TWICE_MS;
  if (twice && clickedAt && Math.hypot(event.clientX - clickedAt.x, event.clientY - clickedAt.y) < 4) event.stopImmediatePropagation();
  if (event.target.closest?.("#emit")) clickedAt = { x: event.clientX, y: event.clientY };
}, true);

// What the player says of each place that it comes to.
function tell(place) {
  if (!run) return;
  const whole = place.ended && last;
  write(find('[data-action="pause"]'), player.playing && !place.ended ? "pause" : place.ended ? "replay" : "play");
  find('[data-rate="4"]').ariaPressed = String(player.speed === 4);
  find(".follow").hidden = player.following || place.ended;
  write(find(".where"), place.of ? `line ${place.reached.toLocaleString("en")} of ${place.end.toLocaleString("en")}` : "");
  if (whole) {
    if (exhibit.dataset.state === "running") finish(last);
  } else if (run) {
    if (exhibit.dataset.state !== "running") exhibit.dataset.state = "running"; // others watch it
    colour(false);
    const number = place.share === null ? "…" : `${Math.floor(place.share * 100)} %`;
    set("reproduced", number);
    set("sha256", "");
    const of = place.of ? ` of ${place.of.toLocaleString("en")}` : "";
    const does = said.mode === "Live" && !last ? "is writing" : "wrote";
    const lines = place.of ? place.lines : place.written;
    const noun = (place.of || lines) === 1 ? "line" : "lines";
    set("verdict", `${said.lead}, the model ${does}: ${lines.toLocaleString("en")}${of} ${noun} so far.`);
  }
  write(find(".mini"), `${said.file?.split("/").pop() || ""} · ${fields.get("reproduced").textContent}`);
  find(".ticks").ariaValueText = `line ${place.reached}, ${fields.get("reproduced").textContent}`;
}

function finish(update) {
  for (const [name, text] of Object.entries(held)) set(name, text);
  colour(true);
  against.hidden = !said.against;
  if (said.against) against.href = `?${said.against}`;
  if (update.download) {
    download.href = update.download;
    download.hidden = false;
  }
  const any = differences().length > 0;
  find(".none").hidden = any || !player.lengths.length;
  write(find(".none"), nothingWrong());
  find(".signs .cut").hidden = !player.queue.some((row) => row.kind === "kx");
  find('[data-action="fold"]').hidden = !said.lines;
  for (const name of ["previous", "next"]) find(`[data-action="${name}"]`).hidden = !any;
  exhibit.dataset.state = update.state;
  window.dispatchEvent(new CustomEvent("laam-seen", { detail: { ...said, ticks: player.marked } }));
}

// What is said if there is no difference: that nothing is missing either, or how much.
function nothingWrong() {
  const missing = player.lengths.length - player.given.size - player.sums.at(-1).lines;
  if (!missing) return "No differences";
  return `Nothing wrong so far; ${missing.toLocaleString("en")} ${missing === 1 ? "line" : "lines"} not written`;
}

// Differences: the first row of each stretch that is not equal. What was given, and notes, are none.
const DIFFERENCE = ".kd, .ki, .km, .stretch:has(.fold svg)";

function lines() {
  return [...rows.querySelectorAll(".opened > .chunk > *")];
}

function differences() {
  const all = lines();
  const differs = (row) => row.matches(DIFFERENCE) || row.querySelector(":scope > .km");
  return all.filter((row, at) => differs(row) && !(at && differs(all[at - 1])));
}

function show(row) {
  player.following = false;
  rows.scrollTop += row.getBoundingClientRect().top - rows.getBoundingClientRect().top - rows.clientHeight / 3;
  rows.scrollIntoView({ block: "nearest" });
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
  set("announcement", text);
}

function setFolded(on) {
  find('[data-action="fold"]').setAttribute("aria-pressed", String(on));
  for (const fold of rows.querySelectorAll(".same-fold")) fold.remove();
  for (const row of rows.querySelectorAll(".folded")) unfold(row);
  if (!on) return;
  const all = lines();
  for (let first = 0; first < all.length; ) {
    let end = first;
    while (end < all.length && all[end].classList.contains("ke")) end++;
    if (end === first) { first++; continue; }
    const from = first === 0 ? 0 : first + CONTEXT;
    const to = end === all.length ? end : end - CONTEXT;
    if (to - from >= FOLD_AT_LEAST) foldRows(all.slice(from, to));
    first = end;
  }
}

function foldRows(hidden) {
  const fold = document.createElement("button");
  fold.type = "button";
  fold.className = "fold same-fold";
  fold.textContent = `⋯ ${hidden.length} lines the same · show`;
  const open = () => {
    for (const row of hidden) unfold(row);
    fold.remove();
    if (!rows.querySelector(".same-fold")) setFolded(false);
  };
  fold.addEventListener("click", () => {
    open();
    hidden[0].tabIndex = -1;
    hidden[0].focus({ preventScroll: true });
  });
  hidden[0].before(fold);
  for (const row of hidden) {
    row.classList.add("folded");
    row.hidden = "onbeforematch" in row ? "until-found" : true; // a browser's own search opens the fold
    row.onbeforematch = open;
  }
}

function unfold(row) {
  row.classList.remove("folded");
  row.hidden = false;
  row.onbeforematch = null;
}

exhibit.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  const action = button?.dataset.action;
  if (!button) return;
  if (button.dataset.rate) player.rate(player.speed === 4 ? 1 : 4);
  if (action === "pause") player.playing && !player.ended ? player.pause() : player.play();
  if (action === "end") player.rate(Infinity);
  if (action === "follow") player.follow();
  if (action === "next") go(1);
  if (action === "previous") go(-1);
  if (action === "fold") setFolded(button.getAttribute("aria-pressed") !== "true");
  if (action === "details") {
    const details = find(".details");
    details.hidden = !details.hidden;
    button.setAttribute("aria-expanded", String(!details.hidden));
  }
});

/** Go to a line of the original, counted from 1; all of it is shown then. */
export function showLine(number) {
  if (!player.ended) player.rate(Infinity);
  setFolded(false);
  const row = player.panes.line(number);
  if (row) show(row);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (event.key === "n") go(1);
  if (event.key === "p") go(-1);
});

// On paper, what the address bar would say.
addEventListener("beforeprint", () => {
  find(".paper").textContent = `${document.location.href} · printed ${new Date().toISOString().slice(0, 10)}`;
});

const player = new Player(rows, find(".ticks"), tell);
let chain = Promise.resolve(); // one update after the other, whatever each has to fetch

/** The fields of what is shown, so far; none before anything is. */
export function shownFields() {
  return run ? said : {};
}

/** Show an update, see laam/serving/updates.py, after those that came before. */
export function showUpdate(update) {
  chain = chain.then(() => take(update)).catch(reportError);
}

/** Nothing more comes of the emission that is shown: `sentence` says why. */
export function lose(sentence) {
  const broken = run;
  chain = chain.then(() => {
    if (!run || broken !== run || last || exhibit.dataset.state !== "running") return null;
    return take({ run, sequence: sequence + 1, state: "stopped", fields: { verdict: sentence, announcement: sentence } });
  }).catch(reportError);
}

/** Hold the player where it is. */
export function pause() {
  player.pause();
}
