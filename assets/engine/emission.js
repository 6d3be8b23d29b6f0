// One emission under way: which prompts it needs next, and what was written so far, in order. No workers, no files.
import { charactersOf } from "./score.js";

// Bytes of a token in the mean of a file: at most, before anything was written, and how far above the mean so far, in parts of it, the
// file's own may be, times the root of the tokens so far. With these, 1 to 2 % of what is decoded of the shipped release is for nothing.
const BYTES_A_TOKEN = 6;
const SURENESS = 4;
const MAX_TOKENS = 40_000; // but for a file that is known to be longer

// A file, asked for segment by segment; any of them can be decoded at any time. `size`: the file's bytes, if they are known: then no
// segment is begun of which it isn't all but sure that the file reaches it, and a file that goes on for longer is ended, unless it `mayGrow`.
export class FileEmission {
  constructor(prompts, path, { size = Infinity, mayGrow = false, maxTokens = size < Infinity ? Math.max(MAX_TOKENS, 2 * size) : MAX_TOKENS } = {}) {
    Object.assign(this, { prompts, path, size, mayGrow, maxTokens });
    this.segments = []; // { ids, bytes, ended }
    this.last = Infinity; // the segment that closes the file, once it is known
    this.inOrder = new InOrder(prompts);
    this.decoded = { ids: 0, bytes: 0 }; // in all segments
    this.room = prompts.window - prompts.segment(path, 0).length - 1; // ids that a segment holds beside its closing one
    this.front = 0; // the segment that is read, in order
    this.read = 0; // ids of it that were read
  }

  // The next prompt to be decoded, { number, ids, limit }, or null while there is none.
  next() {
    const number = this.segments.length;
    if (this.inOrder.reason || number > this.last) return null;
    if (number !== this.front && this.#reach(number) >= this.size) return null;
    this.segments.push({ ids: [], bytes: 0, ended: false });
    const ids = this.prompts.segment(this.path, number);
    return { number, ids, limit: this.prompts.window - ids.length };
  }

  // The prompts that the text so far is from, in order, as a person reads them.
  get prompted() {
    return this.segments.slice(0, this.front + 1).map((_, number) => this.prompts.header(this.path, number));
  }

  // Takes what was decoded for a prompt; gives the text that is new, in order.
  take(number, ids, ended) {
    const segment = this.segments[number];
    const bytes = ids.reduce((sum, id) => sum + this.prompts.tokenizer.bytesOf(id).length, 0);
    segment.ids.push(...ids);
    segment.bytes += bytes;
    segment.ended = ended;
    this.decoded.ids += ids.length;
    this.decoded.bytes += bytes;
    if (ids.at(-1) === this.prompts.endFile) this.last = Math.min(this.last, number);
    return this.#advance();
  }

  // Reads on where the text so far ends.
  #advance() {
    let text = "";
    for (let segment; (segment = this.segments[this.front]) && !this.inOrder.reason; this.front++, this.read = 0) {
      for (; this.read < segment.ids.length && !this.inOrder.reason; this.read++) {
        text += this.inOrder.take(segment.ids[this.read]);
        if (this.inOrder.tokens >= this.maxTokens) text += this.inOrder.end("token limit");
      }
      if (!segment.ended || this.inOrder.reason) break;
      if (this.inOrder.bytes > this.size && !this.mayGrow) text += this.inOrder.end("length limit");
    }
    return text;
  }

  // The bytes before segment `number`, sooner too many than too few: what is decoded of them, and what their open ends may still give.
  #reach(number) {
    const { ids, bytes } = this.decoded;
    const mean = Math.min(BYTES_A_TOKEN, (bytes / Math.max(1, ids)) * (1 + SURENESS / Math.sqrt(ids)) || BYTES_A_TOKEN);
    return this.segments.slice(0, number).reduce((sum, segment) => {
      const open = segment.ended ? 0 : Math.max(0, this.room - segment.ids.length);
      return sum + segment.bytes + open * mean;
    }, 0);
  }
}

// Source, continued until its segment closes or the window is full; `slide`: then the last half of the window is the next prompt.
export class SourceEmission {
  constructor(prompts, source, { maxTokens = MAX_TOKENS, slide = false } = {}) {
    Object.assign(this, { prompts, maxTokens, slide });
    this.ids = prompts.source(source); // the window
    this.prompted = [prompts.read(this.ids)];
    this.written = 0; // characters
    this.reach = null; // characters that were written when the window was full for the first time
    this.inOrder = new InOrder(prompts);
    this.decoded = { ids: 0, bytes: 0 };
    this.number = -1; // of the prompt under way
    this.waits = true;
  }

  next() {
    if (!this.waits || this.inOrder.reason) return null;
    this.waits = false;
    this.number++;
    return { number: this.number, ids: [...this.ids], limit: this.prompts.window - this.ids.length };
  }

  take(number, ids, ended) {
    this.ids.push(...ids);
    this.decoded.ids += ids.length;
    let text = "";
    for (const id of ids) {
      if (this.inOrder.reason) break;
      text += this.inOrder.take(id);
      if (this.inOrder.tokens >= this.maxTokens) text += this.inOrder.end("token limit");
    }
    if (ended && this.prompts.stop.includes(ids.at(-1))) text += this.inOrder.end("end of segment");
    const isFull = ended && !this.inOrder.reason;
    if (isFull && !this.slide) text += this.inOrder.end("window end");
    this.written += charactersOf(text);
    if (!isFull) return text;
    this.reach ??= this.written;
    if (!this.slide) return text;
    this.ids = this.prompts.slid(this.ids);
    this.waits = true;
    return text;
  }
}

// The text of an emission as it is told, token by token, and why it ended; the reasons are those of laam/emission/emit.py.
class InOrder {
  constructor(prompts) {
    this.prompts = prompts;
    this.decode = prompts.tokenizer.decoder();
    this.tokens = 0; // closing ones with them
    this.bytes = 0;
    this.reason = "";
  }

  // The text of an id.
  take(id) {
    this.tokens++;
    if (id === this.prompts.endFile) return this.end("end of file");
    if (this.prompts.stop.includes(id)) return "";
    this.bytes += this.prompts.tokenizer.bytesOf(id).length;
    return this.decode(id);
  }

  // Ends it, if nothing has yet; gives the text that was held back.
  end(reason) {
    if (this.reason) return "";
    this.reason = reason;
    return this.decode();
  }
}
