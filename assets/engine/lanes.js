// Many prompts under way in one model, side by side. Token ids only; knows nothing of text or files.
import { Random, draw } from "./sampling.js";

export class Lanes {
  constructor(llama) {
    this.llama = llama;
    this.free = Array.from({ length: llama.lanes }, (_, n) => n);
    this.open = [];
  }

  // Begin a prompt: { key, ids, stop, limit, sampling }. `key` tells it apart; the first id of `stop` ends it, and so do `limit` ids;
  // `sampling` is null for greedy, or { temperature, topK, seed, stream }. There must be a free lane.
  add({ key, ids, stop, limit, sampling }) {
    const random = sampling && new Random(sampling.seed, sampling.stream);
    this.open.push({ key, ids, stop, left: limit, sampling, random, lane: this.free.pop(), fed: 0 });
  }

  // End the prompts whose keys a function picks.
  drop(picks) {
    this.#close((prompt) => picks(prompt.key));
  }

  // One step: a further id for each prompt that has been read. Gives [key, id, ended] of each.
  step() {
    const last = (prompt) => prompt.fed >= prompt.ids.length - 1;
    const ready = this.open.filter(last);
    const tokens = ready.map((prompt) => [prompt.ids.at(-1), prompt.fed, prompt.lane]);
    for (const prompt of this.open.filter((other) => !last(other))) {
      for (; !last(prompt) && tokens.length < this.llama.rows; prompt.fed++) tokens.push([prompt.ids[prompt.fed], prompt.fed, prompt.lane]);
    }
    const best = this.llama.forward(tokens, ready.length);
    const written = ready.map((prompt, row) => {
      const id = this.#choose(prompt, row, best[row]);
      prompt.ids = [id]; // what came before is in the lane's cache
      prompt.fed++;
      prompt.left--;
      prompt.ended = prompt.stop.includes(id) || prompt.left < 1;
      return [prompt.key, id, prompt.ended];
    });
    this.#close((prompt) => prompt.ended);
    return written;
  }

  #choose({ sampling, random }, row, best) {
    if (!sampling) return best;
    return draw(this.llama.weights(row, best, sampling.temperature), sampling.topK, random);
  }

  #close(picks) {
    this.open = this.open.filter((prompt) => {
      const closes = picks(prompt);
      if (closes) this.free.push(prompt.lane);
      return !closes;
    });
  }
}
