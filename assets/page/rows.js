// The two panes. Above, the rows that are open; below, a bar for each line of the original that isn't reached yet.
// A row's text gets into the page only when it opens. All markup of a row was escaped by laam/compare/render.py.
const FOLD_OVER = 12; // lines that the model did not write, one after the other
const GIVEN_SHOWN = 3; // of the lines that were given
const SLIDING = 8; // bars that slide open in one frame, at most
const CHUNK = 50; // rows that the browser may leave undrawn together
const ROW = /^<div class="row (k\w)"(?: data-e=(\d+))?(?: data-o=(\d+))?/;
/** The value of `hidden` for what is folded: a browser's own search finds it and opens it, if the browser can do that. */
export const FOLDED = "onbeforematch" in document.body ? "until-found" : true;
const template = document.createElement("template");

/** What a row is, from its HTML: its kind, and its numbers in either text (0 if it has none). */
export function readRow(html) {
  const [, kind = "kn", e = 0, o = 0] = ROW.exec(html) || [];
  return { html, kind, e: Number(e), o: Number(o) };
}

function make(tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  node.textContent = text;
  return node;
}

/** How wide a line is, with tab stops at each eighth column. */
function columns(text) {
  let at = 0;
  for (const character of text) at += character === "\t" ? 8 - (at % 8) : 1;
  return at;
}

function element(row) {
  template.innerHTML = row.html;
  const node = template.content.firstElementChild;
  if (row.kind === "ke") node.lastElementChild.innerHTML = node.children[2].innerHTML; // it is sent once
  return node;
}

/** What is copied of the two panes is the text of the one in which the selection began, a line each. */
function copyOnePane(event) {
  const selection = getSelection();
  const place = selection.anchorNode;
  const cell = (place?.nodeType === Node.TEXT_NODE ? place.parentElement : place)?.closest?.(".row > code");
  if (!cell || selection.isCollapsed) return;
  const at = [...cell.parentElement.children].indexOf(cell);
  const range = selection.getRangeAt(0);
  const lines = [];
  for (const row of event.currentTarget.querySelectorAll(".row")) {
    const side = row.children[at];
    const has = at < 3 ? row.dataset.e : row.dataset.o;
    if (has && side && !side.querySelector(".seal") && range.intersectsNode(row) && !row.closest("[hidden]")) lines.push(selected(side, range));
  }
  event.clipboardData.setData("text/plain", lines.join("\n"));
  event.preventDefault();
}

function selected(cell, range) {
  const part = document.createRange();
  part.selectNodeContents(cell);
  if (cell.contains(range.startContainer)) part.setStart(range.startContainer, range.startOffset);
  if (cell.contains(range.endContainer)) part.setEnd(range.endContainer, range.endOffset);
  return part.toString().replace(/\n$/, "");
}

export class Panes {
  #chunks = []; // of bars: {node, first, lines, filled}
  #units = []; // what is open: {start, end, node}; a stretch of lines that fold together is one

  constructor(view) {
    this.view = view;
    this.opened = make("div", "opened");
    this.rest = make("div", "rest");
    view.replaceChildren(this.opened, this.rest);
    this.seen = new IntersectionObserver((found) => {
      for (const each of found) if (each.isIntersecting) this.#fill(this.#chunks.find((chunk) => chunk.node === each.target));
    }, { root: view, rootMargin: "300px" });
    this.lay([], 0, []);
    view.addEventListener("copy", copyOnePane);
  }

  /** Begin anew. `lengths`: characters of each line of the original, from line `first` (counted from 0) on; `queue`: the rows, as they come. */
  lay(lengths, first, queue) {
    Object.assign(this, { lengths, first, queue, reached: 0 });
    this.#units = [];
    this.opened.replaceChildren();
    this.seen.disconnect();
    this.#chunks = [];
    for (let at = 0; at < lengths.length; at += CHUNK) {
      const node = make("div", "chunk bars");
      const lines = Math.min(CHUNK, lengths.length - at);
      node.style.setProperty("--lines", lines);
      this.#chunks.push({ node, first: first + at, lines, filled: false });
      this.seen.observe(node);
    }
    this.rest.replaceChildren(...this.#chunks.map((chunk) => chunk.node));
  }

  get shown() {
    return this.#units.at(-1)?.end ?? 0;
  }

  get last() {
    return this.#units.at(-1)?.node;
  }

  /** Open rows up to number `to`, or shut them from there on; `most` at once. Bars slide open if they are `moving`.
   * `reached`: the original's line that so many rows have reached. */
  place(to, reached, moving, most) {
    if (to <= 0) {
      this.#units = [];
      this.opened.replaceChildren();
    }
    while (this.#units.length && this.#units.at(-1).start >= to) this.#shut();
    const seen = moving && to - this.shown <= SLIDING; // of more at once nobody sees each
    for (let made = 0; made < most && this.shown < to; made++) this.#open(seen);
    this.#reach(reached(this.shown));
  }

  /** Other rows for those from number `same` on. */
  replace(queue, same) {
    while (this.#units.length && this.#units.at(-1).end > same) this.#shut();
    this.queue = queue;
  }

  width(row) {
    return Math.max(0, (this.lengths[row.o - 1 - this.first] ?? 1) - 1);
  }

  /** The row that shows the original's line; a fold that hides it is unfolded. */
  line(number) {
    const find = () => this.opened.querySelector(`.row[data-o="${number}"]`);
    if (!find()) this.#units.find((unit) => unit.has?.(number))?.unfold();
    return find();
  }

  #open(moving) {
    const start = this.shown;
    const row = this.queue[start];
    if (row.kind === "km" || row.kind === "kg") return this.#openStretch(row.kind, start);
    const node = element(row);
    const wide = moving && row.kind === "ke" ? columns(node.lastElementChild.textContent) : 0;
    if (wide) {
      node.classList.add("opening");
      node.style.setProperty("--w", wide);
      node.addEventListener("animationend", () => node.classList.remove("opening"), { once: true });
    }
    this.#append({ start, end: start + 1, node });
  }

  #openStretch(kind, from) {
    const before = this.#units.at(-1);
    const start = before && this.queue[before.start].kind === kind ? before.start : from;
    if (start !== from) this.#shut();
    let end = from;
    while (this.queue[end]?.kind === kind) end++;
    const rows = this.queue.slice(start, end);
    const node = make("div", "stretch");
    const folded = kind === "km" ? (rows.length > FOLD_OVER ? rows : []) : rows.length > 2 * GIVEN_SHOWN ? rows.slice(0, -GIVEN_SHOWN) : [];
    const unit = { start, end, node, has: (o) => folded.some((row) => row.o === o), unfold: () => {} };
    if (folded.length) unit.unfold = this.#fold(node, folded, kind);
    node.append(...rows.slice(folded.length).map(element));
    this.#append(unit);
  }

  #fold(node, rows, kind) {
    const button = make("button", "fold");
    const many = rows.length.toLocaleString("en");
    button.type = "button";
    button.append(make("span", "", kind === "km" ? `⋯ ${many} lines the model did not write · ` : `⋯ ${many} lines given · `), make("u", "", "show"));
    if (kind === "km") button.append(this.#miniature(rows));
    const inside = make("div", "inside");
    inside.hidden = FOLDED;
    for (let at = 0; at < rows.length; at += CHUNK) {
      const chunk = make("div", "chunk");
      chunk.style.setProperty("--lines", Math.min(CHUNK, rows.length - at));
      chunk.innerHTML = rows.slice(at, at + CHUNK).map((row) => row.html).join("");
      inside.append(chunk);
    }
    button.setAttribute("aria-expanded", "false");
    button.setAttribute("aria-label", button.textContent.replace(/[⋯·]/g, "").trim());
    const turn = () => {
      inside.hidden = inside.hidden ? false : FOLDED;
      button.setAttribute("aria-expanded", String(!inside.hidden));
      button.querySelector("u").textContent = inside.hidden ? "show" : "hide";
    };
    button.addEventListener("click", turn);
    inside.addEventListener("beforematch", turn);
    node.append(button, inside);
    return () => inside.hidden && turn();
  }

  #miniature(rows) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `0 0 ${rows.length * 3} 80`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", rows.map((row, at) => `M${at * 3 + 1} 80V${80 - Math.min(80, this.width(row))}`).join(""));
    svg.append(path);
    return svg;
  }

  #append(unit) {
    let chunk = this.opened.lastElementChild;
    if (!chunk || chunk.childElementCount >= CHUNK) {
      chunk = make("div", "chunk");
      this.opened.append(chunk);
    }
    chunk.append(unit.node);
    chunk.style.setProperty("--lines", chunk.childElementCount);
    this.#units.push(unit);
  }

  #shut() {
    const { node } = this.#units.pop();
    const chunk = node.parentElement;
    node.remove();
    if (!chunk.childElementCount) chunk.remove();
  }

  /** Show the bars behind line `number` of the original, which counts from 1. */
  #reach(number) {
    if (number === this.reached) return;
    const [low, high] = [Math.min(number, this.reached), Math.max(number, this.reached)];
    this.reached = number;
    for (const chunk of this.#chunks) {
      if (chunk.first >= high || chunk.first + chunk.lines < low) continue;
      const gone = Math.max(0, Math.min(chunk.lines, number - chunk.first));
      chunk.node.hidden = gone === chunk.lines;
      chunk.node.style.setProperty("--lines", chunk.lines - gone);
      if (chunk.node.hidden || (!gone && !chunk.filled)) continue;
      this.#fill(chunk);
      [...chunk.node.children].forEach((bar, at) => { bar.hidden = at < gone; });
    }
  }

  #fill(chunk) {
    if (!chunk || chunk.filled) return;
    chunk.filled = true;
    for (let at = 0; at < chunk.lines; at++) {
      const row = make("div", "row shut");
      const bar = make("span", "seal");
      const cell = make("code", "");
      bar.style.width = `${Math.max(0, this.lengths[chunk.first - this.first + at] - 1)}ch`;
      cell.append(bar);
      row.append(make("span", "n"), make("span", "g"), make("code", ""), make("span", "n r", String(chunk.first + at + 1)), cell);
      chunk.node.append(row);
    }
  }
}
