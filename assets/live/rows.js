// The rows of the two panes as HTML: what laam/compare/render.py makes of a sealed original. Every value is escaped.
import { splitLines } from "../engine/score.js";
import { LineHighlighter } from "./highlight.js";
import { StreamAligner, blocksOf } from "./stream.js";

const KINDS = { "=": ["ke", "same"], "≠": ["kd", "differs"], "+": ["ki", "only written"], "−": ["km", "not written"] };

// Takes an emission in pieces, and gives its rows as they settle, each once and in order.
export class LiveRows {
  // `digests`: a Digests.
  constructor(original, digests) {
    this.original = original;
    this.digests = digests;
    this.aligner = new StreamAligner(original.digests, original.lengths);
    this.highlighter = new LineHighlighter(original.path);
    this.highlighted = [];
    this.opened = new Map(); // the HTML of each line that was written, by its digest
    this.unfinished = "";
    this.sent = [];
  }

  // The rows that settle with more text; none before a line's newline is there.
  feed(text) {
    this.unfinished += text;
    const end = this.unfinished.lastIndexOf("\n") + 1;
    const rows = this.#rows(this.aligner.feed(this.#take(this.unfinished.slice(0, end))));
    this.unfinished = this.unfinished.slice(end);
    this.sent.push(...rows);
    return rows;
  }

  // All rows of the finished text, whose end is `text`, by the alignment as a whole. `complete`: the model ended the file by itself; if it did not, the lines
  // that it never came to are left out.
  whole(text, matches, complete) {
    this.#take(this.unfinished + text);
    const blocks = blocksOf(matches, this.highlighted.length, this.original.lengths.length);
    const last = blocks.at(-1);
    if (!complete && last && !last.equal) last.o[1] = Math.min(last.o[1], last.o[0] + last.e[1] - last.e[0]);
    return this.#rows(blocks);
  }

  #take(text) {
    return splitLines(text).map((line) => {
      const digest = this.digests.line(line);
      const html = this.highlighter.feed(line);
      this.highlighted.push(html);
      this.opened.set(digest, html);
      return digest;
    });
  }

  #rows(blocks) {
    return blocks.flatMap(({ equal, e: [e, eEnd], o: [o, oEnd] }) =>
      Array.from({ length: Math.max(eEnd - e, oEnd - o) }, (_, n) => this.#row(equal, e + n < eEnd ? e + n : null, o + n < oEnd ? o + n : null)));
  }

  #row(equal, e, o) {
    const sign = equal ? "=" : o === null ? "+" : e === null ? "−" : "≠";
    const right = equal || o === null ? "" : this.opened.get(this.original.digests[o]) ?? bar(Math.max(0, this.original.lengths[o] - 1));
    const [name, word] = KINDS[sign];
    const [left, places] = [e === null ? "" : this.highlighted[e], `${e === null ? "" : ` data-e=${e + 1}`}${o === null ? "" : ` data-o=${o + 1}`}`];
    return (
      `<div class="row ${name}"${places}><span class=n>${e === null ? "" : e + 1}</span><span class=g>${sign}<span class=vh>${word}</span></span>` +
      `<code>${left}</code><span class="n r">${o === null ? "" : o + 1}</span><code>${right}</code></div>`
    );
  }
}

function bar(characters) {
  return `<span class="seal" style="width:${characters}ch"></span><span class=vh>sealed, ${characters} characters</span>`;
}
