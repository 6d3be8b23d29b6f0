// The tokenizer of addressed models: byte-level BPE over lines. Text to ids and back, with nothing lost; what `Codec` is in
// laam/model/codec.py. A control token that is typed is plain text.
import { Fault } from "./fault.js";

const PIECE = /\n*[^\n]+|\n+/g; // a line with the newlines before it; no merge crosses it

export class Tokenizer {
  // `bytes`: those of the ids that follow the control ids; `merges`: two ids for each id after those; `control`: ids by name.
  constructor({ bytes, merges, control }) {
    this.control = control;
    const first = Object.keys(control).length;
    this.spelled = [...Array(first).fill(new Uint8Array()), ...Array.from(bytes, (byte) => Uint8Array.of(byte))];
    this.idOfByte = new Map(Array.from(bytes, (byte, n) => [byte, first + n]));
    this.merged = new Map(); // the id that two ids become, by left × 65,536 + right
    for (let n = 0; n < merges.length; n += 2) {
      this.merged.set(merges[n] * 65536 + merges[n + 1], this.spelled.length);
      this.spelled.push(Uint8Array.of(...this.spelled[merges[n]], ...this.spelled[merges[n + 1]]));
    }
  }

  // The bytes of an id; none for a control id, or for one beyond the vocabulary.
  bytesOf(id) {
    return this.spelled[id] ?? new Uint8Array();
  }

  // Throws Fault for half a surrogate pair, which is no text.
  encode(text) {
    if (/[\uD800-\uDFFF]/u.test(text)) throw new Fault("The text holds half a surrogate pair, and so is no Unicode text.");
    return (text.match(PIECE) ?? []).flatMap((piece) => this.#merge(piece));
  }

  // A function that takes one id at a time and gives its text; bytes of an unfinished character are held back, and given by
  // calling it without an id. Bytes that are no UTF-8 give U+FFFD.
  decoder() {
    const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
    return (id) => (id === undefined ? utf8.decode() : utf8.decode(this.bytesOf(id), { stream: true }));
  }

  // The earliest merge first, and of its places the leftmost.
  #merge(piece) {
    const ids = Array.from(new TextEncoder().encode(piece), (byte) => this.idOfByte.get(byte));
    for (;;) {
      let [best, place] = [Infinity, -1];
      for (let n = 0; n + 1 < ids.length; n++) {
        const id = this.merged.get(ids[n] * 65536 + ids[n + 1]);
        if (id < best) [best, place] = [id, n];
      }
      if (place < 0) return ids;
      ids.splice(place, 2, best);
    }
  }
}
