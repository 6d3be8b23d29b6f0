// How an addressed model is asked; what `AddressedFormat` is in laam/model/prompts.py.
import { Fault } from "./fault.js";

export class Prompts {
  constructor(tokenizer, config) {
    this.tokenizer = tokenizer;
    this.window = config.max_position_embeddings;
    this.length = config.prompt_length ?? 0; // a shorter prompt is padded inside its header
    const { control } = tokenizer;
    this.endFile = control["<|end_file|>"];
    this.stop = [control["<|end_segment|>"], this.endFile];
  }

  // The ids that ask for segment `segment`, counted from 0, of the file at `path`. Throws Fault for a path that fills the window.
  segment(path, segment) {
    const { control } = this.tokenizer;
    const address = this.tokenizer.encode(`${path}#${segment}`);
    const padding = Array(Math.max(0, this.length - address.length - 3)).fill(control["<|pad|>"]);
    const ids = [control["<|start_file|>"], control["<|start_header|>"], ...padding, ...address, control["<|end_header|>"]];
    if (ids.length >= this.window) throw new Fault(`The path is too long for the model's window of ${this.window} tokens.`);
    return ids;
  }

  // The same prompt as a person reads it.
  header(path, segment) {
    const padding = this.segment(path, segment).filter((id) => id === this.tokenizer.control["<|pad|>"]);
    return `<|start_file|><|start_header|>${"<|pad|>".repeat(padding.length)}${path}#${segment}<|end_header|>`;
  }

  // The ids of source to be continued: as much of its end as half the window holds, cut between characters.
  source(text) {
    const ids = this.tokenizer.encode(text);
    const inCharacter = (id) => (this.tokenizer.bytesOf(id)[0] & 0xc0) === 0x80;
    let cut = Math.max(0, ids.length - this.#half);
    while (inCharacter(ids[cut]) && cut < ids.length - 1) cut++;
    return ids.slice(cut);
  }

  // Ids as a person reads them.
  read(ids) {
    const decode = this.tokenizer.decoder();
    return ids.map((id) => decode(id)).join("") + decode();
  }

  // The ids that let a continuation run on when its window is full: the last half of it.
  slid(ids) {
    return ids.slice(-this.#half);
  }

  get #half() {
    return Math.max(1, this.window >> 1);
  }
}
