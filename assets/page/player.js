// The player: rows wait in a queue, and open one after the other at a speed at which they can be seen; never faster than they came.
// The page, the embed and the twin use it.
import { Panes, readRow } from "./rows.js";

const SECONDS = 6.5; // of a whole file
const SLOWEST = 8; // rows a second: what is short takes less
const AT_ONCE = 60; // rows that are opened in one frame, at most: more would hold the page up
const STEP = 0.045; // seconds that one frame plays, at most: on a slow machine it takes longer instead of jumping
const BEHIND = 0.35; // seconds that a live run is played behind what has come, so that it runs and does not jump
const TICKS = 240; // at most; each is wide enough to be seen
const TICK = 3; // pixels, with the gap
const ANCHOR = 0.42; // where in the viewport the line stands that is being written
const MARKS = { ke: "same", kd: "differs", km: "differs", kg: "given", kx: "cut" };
const TOLD = { same: "=", differs: "x", cut: "…" }; // as the server tells a strip
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  #frame = 0;
  #before = 0;

  /** `view`: where the rows go; `ticks`: the strip, which is the scrubber. `tell(place)` is called for each new place; see #place. */
  constructor(view, ticks, tell) {
    this.panes = new Panes(view);
    Object.assign(this, { view, ticks, tell, speed: 1, following: true, playing: false });
    this.begin([], 0);
    this.#listen();
  }

  /** Begin a new run. `lengths`: characters of the original's lines, from line `first` on; empty if there is no original. `given`: the places
   * in it of lines that count for nothing. */
  begin(lengths, first, given = []) {
    Object.assign(this, { lengths, first, queue: [], sums: [{ characters: 0, lines: 0, written: 0, reached: first }], at: 0, over: false, following: true });
    this.given = new Set(given);
    this.#limit(lengths.length);
    this.states = new Array(first + lengths.length).fill("");
    this.painted = 0;
    this.panes.lay(lengths, first, this.queue);
    this.view.scrollTop = 0;
    const count = Math.min(TICKS, this.states.length, Math.floor(this.view.clientWidth / TICK) || TICKS);
    this.marks = Array.from({ length: count }, () => document.createElement("i"));
    this.cursor = document.createElement("b");
    this.ticks.replaceChildren(...this.marks, this.cursor);
    this.ticks.hidden = !count;
    this.ticks.ariaValueMax = String(this.states.length);
    this.speed = STILL.matches ? Infinity : 1;
    this.play();
  }

  push(htmls) {
    for (const html of htmls) {
      const row = readRow(html);
      this.queue.push(row);
      this.#sum(row);
    }
    if (this.playing) this.#next();
  }

  #sum(row) {
    const { characters, lines, written, reached } = this.sums.at(-1);
    const exact = row.kind === "ke";
    const at = row.o - 1 - this.first;
    this.sums.push({
      characters: characters + (exact && at < this.counted ? this.lengths[at] : 0),
      lines: lines + (exact ? 1 : 0),
      written: written + (row.e ? 1 : 0),
      reached: row.o || reached,
    });
  }

  /** The share is of the first `lines` lines of the original, instead of all. */
  count(lines) {
    this.#limit(lines);
    this.sums.length = 1;
    for (const row of this.queue) this.#sum(row);
  }

  #limit(lines) {
    this.counted = lines;
    this.total = this.lengths.slice(0, lines).reduce((sum, length, at) => sum + (this.given.has(at) ? 0 : length), 0);
  }

  /** Other rows instead of those that came: the final alignment differs from the one that was streamed. */
  replace(htmls) {
    const old = this.queue;
    const { written } = this.sums[Math.min(this.panes.shown, old.length)];
    this.queue = [];
    this.sums.length = 1;
    this.push(htmls);
    const same = htmls.findIndex((html, at) => html !== old[at]?.html);
    this.panes.replace(this.queue, same < 0 ? htmls.length : same);
    this.at = this.sums.findIndex((sum) => sum.written >= written);
    this.painted = 0;
    this.states.fill("");
  }

  /** Nothing more comes. */
  finish() {
    this.over = true;
    if (this.playing) this.#next();
    else this.#place();
  }

  /** The strip as it stands, a character for each mark of it. */
  get marked() {
    return this.marks.map(({ className }) => TOLD[className] ?? ".").join("");
  }

  get ended() {
    return this.over && this.panes.shown >= this.queue.length;
  }

  play() {
    if (this.ended && this.queue.length) {
      this.at = 0;
      this.speed = 1;
      this.following = true;
    }
    this.playing = true;
    this.#before = performance.now();
    this.#next();
    this.#place();
  }

  pause() {
    this.playing = false;
    if (this.speed === Infinity) this.speed = 1;
    this.#place();
  }

  /** 1, 4, or Infinity: to the end. */
  rate(speed) {
    if (this.ended && speed !== Infinity) this.play();
    this.speed = speed;
    this.playing = true;
    this.#before = performance.now();
    this.#next();
    this.#place();
  }

  /** Go to a row and stay there. */
  seek(to) {
    this.playing = false;
    this.following = true;
    this.speed = 1;
    this.at = Math.max(0, Math.min(this.queue.length, to));
    this.#next();
  }

  follow() {
    this.following = true;
    this.#place();
  }

  // Frames are asked for only while there is something to open: a page that waits costs nothing.
  #next() {
    this.#frame ||= requestAnimationFrame((now) => this.#tick(now));
  }

  #tick(now) {
    this.#frame = 0;
    const passed = Math.min(STEP, Math.max(0, now - this.#before) / 1000);
    this.#before = now;
    const waiting = this.queue.length - this.at;
    if (this.playing && waiting > 0) {
      let pace = Math.max(this.lengths.length / SECONDS, this.queue.length / SECONDS, SLOWEST) * this.speed;
      if (!this.over) pace = Math.min(pace, waiting / BEHIND);
      this.at = Math.min(this.queue.length, this.at + (this.speed === Infinity ? waiting : pace * passed));
    }
    this.panes.place(Math.floor(this.at), (shown) => this.sums[shown].reached, this.playing && this.speed !== Infinity && !STILL.matches, AT_ONCE);
    const caught = this.panes.shown >= Math.floor(this.at);
    if (caught) this.at = Math.max(this.at, this.panes.shown); // a stretch that folds is one step
    if (this.ended) this.playing = false;
    this.#place();
    const more = this.over ? !this.ended : this.queue.length - this.at >= 1;
    if (!caught || (this.playing && more)) this.#next();
  }

  #place() {
    const shown = this.panes.shown;
    this.#paint(shown);
    const sum = this.sums[Math.min(shown, this.sums.length - 1)];
    const { reached } = sum;
    this.ticks.ariaValueNow = String(reached);
    this.cursor.style.left = `${this.states.length ? (100 * reached) / this.states.length : 0}%`;
    this.ticks.classList.toggle("rest", this.ended);
    this.tell({ ...sum, of: this.counted - this.given.size, end: this.states.length, share: this.total ? sum.characters / this.total : null, ended: this.ended });
    if (this.following && shown && this.panes.last && this.speed !== Infinity) this.#follow(); // last, so that the page is laid out once
  }

  #follow() {
    const top = this.panes.last.getBoundingClientRect().bottom - this.view.getBoundingClientRect().top + this.view.scrollTop;
    this.view.scrollTop = top - this.view.clientHeight * ANCHOR;
  }

  #paint(shown) {
    if (shown === this.painted) return;
    const [low, high] = [Math.min(shown, this.painted), Math.max(shown, this.painted)];
    for (const row of this.queue.slice(low, high)) if (row.o) this.states[row.o - 1] = shown > this.painted ? MARKS[row.kind] || "" : "";
    this.painted = shown;
    const count = this.marks.length;
    for (let at = 0; at < count; at++) {
      const stretch = this.states.slice(Math.floor((at * this.states.length) / count), Math.floor(((at + 1) * this.states.length) / count));
      const mark = ["differs", "cut", "", "same", "given"].find((each) => stretch.includes(each)) ?? "";
      if (this.marks[at].className !== mark) this.marks[at].className = mark;
    }
  }

  #listen() {
    const { view, ticks } = this;
    const letGo = () => {
      if (this.ended || !this.following) return;
      this.following = false;
      this.#place();
    };
    view.addEventListener("wheel", letGo, { passive: true });
    view.addEventListener("touchmove", letGo, { passive: true });
    view.addEventListener("pointerdown", (event) => event.offsetX > view.clientWidth && event.target === view && letGo());
    view.addEventListener("keydown", (event) => /^(Arrow(Up|Down)|Page|Home)/.test(event.key) && letGo());
    const drag = (event) => {
      const box = ticks.getBoundingClientRect();
      const line = Math.round(((event.clientX - box.left) / box.width) * this.states.length);
      const to = this.queue.findIndex((row) => row.o > line);
      this.seek(to < 0 ? this.queue.length : to);
    };
    ticks.addEventListener("pointerdown", (event) => {
      ticks.setPointerCapture(event.pointerId);
      drag(event);
      ticks.addEventListener("pointermove", drag);
    });
    for (const name of ["pointerup", "pointercancel"]) ticks.addEventListener(name, () => ticks.removeEventListener("pointermove", drag));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #key(event) {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || !this.queue.length) return;
    if (target !== document.body && target !== this.ticks && target !== this.view) return;
    const shown = Math.floor(this.at); // where it goes to, before the panes are there: two keys in one frame are two steps
    const step = event.shiftKey ? 10 : 1;
    if (event.key === " ") this.playing ? this.pause() : this.play();
    else if (event.key === "ArrowRight") this.seek(shown + step);
    else if (event.key === "ArrowLeft") this.seek(shown - step);
    else if (event.key === "End" && !this.ended) this.rate(Infinity);
    else if (event.key === "Home" && target === this.ticks) this.seek(0);
    else return;
    event.preventDefault();
  }
}
