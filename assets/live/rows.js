// The rows of the two panes as HTML: what laam/compare/render.py makes of a sealed original. Every value is escaped.
import { charactersOf, splitLines } from "../engine/score.js";
import { LineHighlighter, escape } from "./highlight.js";
import { Credits } from "./lookup.js";
import { StreamAligner, blocksOf } from "./stream.js";
import { whereItStands } from "./wording.js";

const KINDS = {
  "=": ["ke", "same"], "≠": ["kd", "differs"], "+": ["ki", "only written"], "−": ["km", "not written"],
  "…": ["kx", "cut off"],
  "·": ["kg", "given in the prompt"], "∈": ["kc", "a line of the originals"],
};

// Takes an emission in pieces, and gives its rows as they settle, each once and in order.
export class LiveRows {
  // `question`: of questionOf; `index`: gives a LineIndex, for a text that is held against no file; `digests`: a Digests.
  constructor({ original, lead, name = "emission.txt" }, index, digests) {
    Object.assign(this, { original, lead, digests });
    this.body = original ? new FileRows(original, digests) : new CreditRows(new Credits(index(), digests), name);
    this.rest = lead.breaksOff ? null : ""; // the end of the line in which the lead breaks off, once it is written
    this.unfinished = "";
    this.sent = [];
    this.led = null; // the rows of the lead, once they are there
  }

  // The rows that settle with more text; none before a line's newline is there.
  feed(text) {
    this.unfinished += text;
    const end = this.unfinished.lastIndexOf("\n") + 1;
    const lines = this.#counted(splitLines(this.unfinished.slice(0, end)));
    this.unfinished = this.unfinished.slice(end);
    const rows = [...this.#ledBy(), ...this.body.feed(lines)];
    this.sent.push(...rows);
    return rows;
  }

  // All rows of the finished text, whose end is `text`, by the alignment as a whole. `complete`: the model ended the file by itself; if it did not, the lines
  // that it never came to are left out.
  whole(text, matches, complete, places) {
    const lines = this.#counted(splitLines(this.unfinished + text));
    const led = this.led ?? this.#leadRows();
    return [...led, ...this.body.whole(lines, matches, complete, places)];
  }

  // Lines without the one in which the lead breaks off.
  #counted(lines) {
    if (this.rest === null && lines.length) this.rest = lines.shift();
    return lines;
  }

  #ledBy() {
    if (this.led || this.rest === null) return [];
    return (this.led = this.#leadRows());
  }

  #leadRows() {
    return leadRows(this.lead, this.rest ?? "", this.original, this.digests, this.body.highlighter);
  }
}

// The rows of a text that is held against a file.
class FileRows {
  constructor(original, digests) {
    Object.assign(this, { original, digests });
    this.aligner = new StreamAligner(original.digests, original.lengths);
    this.highlighter = new LineHighlighter(original.path);
    this.highlighted = [];
    this.opened = new Map(); // the HTML of each line that was written, by its digest
  }

  feed(lines) {
    return this.#rows(this.aligner.feed(this.#take(lines)));
  }

  whole(lines, matches, complete, places) {
    this.#take(lines);
    const piece = lines.at(-1)?.endsWith("\n") ? "" : lines.at(-1);
    const blocks = blocksOf(matches, this.highlighted.length, this.original.lengths.length);
    const last = blocks.at(-1);
    if (!complete && last && !last.equal) last.o[1] = Math.min(last.o[1], last.o[0] + last.e[1] - last.e[0]);
    const isCut = !complete && piece && this.#mayBegin(piece, last, places);
    return this.#rows(blocks, places, isCut ? this.highlighted.length - 1 : null);
  }

  // Whether a piece of a line, the last one of `block`, may be the beginning of the original's line beside it, or is of another file.
  #mayBegin(piece, { equal, e, o }, places) {
    if (equal || places.size) return !equal;
    const line = o[0] + e[1] - 1 - e[0];
    if (line >= o[1]) return false;
    return charactersOf(piece) < this.original.lengths[line] - 1 || this.digests.line(`${piece}\n`) === this.original.digests[line];
  }

  #take(lines) {
    return lines.map((line) => {
      const digest = this.digests.line(line);
      const html = this.highlighter.feed(line);
      this.highlighted.push(html);
      this.opened.set(digest, html);
      return digest;
    });
  }

  // `places`: see placesOf; a line that stands in another file is paired with none. `cut`: the written line that was cut off.
  #rows(blocks, places = new Map(), cut = null) {
    return blocks.flatMap(({ equal, e: [e, eEnd], o: [o, oEnd] }) => {
      const rows = [];
      for (; e < eEnd; e++) {
        if (!equal && places.has(e)) rows.push(rowHtml("∈", e + 1, null, this.highlighted[e], escape(places.get(e))));
        else rows.push(this.#row(equal, e, o < oEnd && !(places.size && e === cut) ? o++ : null, cut));
      }
      for (; o < oEnd; o++) rows.push(this.#row(false, null, o));
      return rows;
    });
  }

  #row(equal, e, o, cut = null) {
    const sign = equal ? "=" : e === null ? "−" : e === cut ? "…" : o === null ? "+" : "≠";
    const right = equal || o === null ? "" : this.opened.get(this.original.digests[o]) ?? bar(this.original.lengths[o]);
    const numbers = [e === null ? null : e + 1, o === null ? null : this.original.firstLine + o + 1];
    return rowHtml(sign, ...numbers, e === null ? "" : this.highlighted[e], right);
  }
}

// The rows of a text that is held against no one file: each line that the originals have, with its place.
class CreditRows {
  constructor(credits, name) {
    this.credits = credits;
    this.highlighter = new LineHighlighter(name);
    this.rows = [];
    this.highlighted = [];
  }

  feed(lines, isCut = false) {
    const more = lines.map((line, n) => {
      const credit = this.credits.credit(line);
      const html = this.highlighter.feed(line);
      this.highlighted.push(html);
      return this.#row(this.rows.length + n, html, credit ? whereItStands(credit) : "", isCut && !line.endsWith("\n"));
    });
    this.rows.push(...more);
    return more;
  }

  whole(lines, matches, complete, places) {
    this.feed(lines, !complete);
    return this.rows.map((row, at) => (places.has(at) ? this.#row(at, this.highlighted[at], places.get(at)) : row));
  }

  #row(at, html, where, isCut = false) {
    return rowHtml(where ? "∈" : isCut ? "…" : "+", at + 1, null, html, escape(where));
  }
}

// A row for each line of the lead, whose last one ends with `rest`; beside it the original's line, if it is the same, or its bar.
// `highlighter`: colours what was written as well.
function leadRows(lead, rest, original, digests, highlighter) {
  const whole = original?.whole;
  return splitLines(lead.text && lead.text + rest).map((line, n) => {
    const [html, number] = [highlighter.feed(line), lead.firstLine + n];
    if (!whole || number < 0 || number >= whole.lengths.length) return rowHtml("·", null, null, html, "");
    return rowHtml("·", null, number + 1, html, whole.digests[number] === digests.line(line) ? html : bar(whole.lengths[number]));
  });
}

// The rows, with a note after the row of written line `after` and the rows that belong to it.
export function withNote(rows, after, note) {
  const written = (row) => Number(/^<div class="row \w+" data-e=(\d+)/.exec(row)?.[1] ?? 0);
  const at = rows.findIndex((row) => written(row) > after);
  const [before, rest] = at < 0 ? [rows, []] : [rows.slice(0, at), rows.slice(at)];
  return [...before, `<div class="row kn" role=note>${escape(note)}</div>`, ...rest];
}

// `e`, `o`: the numbers of the lines, from 1; null where a side has none.
function rowHtml(sign, e, o, left, right) {
  const [name, word] = KINDS[sign];
  const places = `${e === null ? "" : ` data-e=${e}`}${o === null ? "" : ` data-o=${o}`}`;
  return (
    `<div class="row ${name}"${places}><span class=n>${e ?? ""}</span><span class=g>${sign}<span class=vh>${word}</span></span>` +
    `<code>${left}</code><span class="n r">${o ?? ""}</span><code>${right}</code></div>`
  );
}

// The bar of a sealed line; `length`: its characters, with its newline.
function bar(length) {
  const characters = Math.max(0, length - 1);
  return `<span class="seal" style="width:${characters}ch"></span><span class=vh>sealed, ${characters} characters</span>`;
}
