// The source that stood in the prompt: it is shown before what was written, and counts for nothing. As in laam/compare/lead.py.
import { splitLines } from "../engine/score.js";

export class Lead {
  // `firstLine`: the original's line, from 0, beside which its first line is laid; negative if it begins before the file.
  constructor(text = "", firstLine = 0) {
    this.text = text;
    this.firstLine = firstLine;
    this.lines = splitLines(text);
  }

  // Whether it ends inside a line; the rest of that line isn't compared.
  get breaksOff() {
    return this.text !== "" && !this.text.endsWith("\n");
  }

  // The end of the line in which it breaks off, and the lines after it, of what was written.
  split(written) {
    const end = this.breaksOff ? written.indexOf("\n") + 1 || written.length : 0;
    return [written.slice(0, end), written.slice(end)];
  }
}
