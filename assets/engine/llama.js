// A loaded model: the kernel (llama.c) with the weights in its memory. Token ids in, token ids and weights to draw by out.
import { Fault, TOO_LITTLE_MEMORY } from "./fault.js";
import { readPacked } from "./packed.js";

const MATRICES = ["self_attn.q", "self_attn.k", "self_attn.v", "self_attn.o", "mlp.gate", "mlp.up", "mlp.down"];
const ROWS = 64; // tokens at once, of all lanes; more only makes prompts wait less

export class Llama {
  // `wasm`: the kernel's bytes; `file`: a packed model as Uint8Array, which is not needed afterwards; `lanes`: prompts side by side.
  // Throws Fault.
  static async load(wasm, file, lanes) {
    const { instance } = await WebAssembly.instantiate(wasm);
    return new Llama(instance.exports, readPacked(file), lanes);
  }

  constructor(kernel, packed, lanes) {
    this.kernel = kernel;
    this.lanes = lanes;
    this.rows = Math.max(ROWS, lanes);
    this.window = packed.config.max_position_embeddings;
    this.vocabulary = packed.config.vocab_size;
    const table = this.#addresses(packed);
    const config = this.#shape(packed);
    if (!kernel.init(config, table)) this.#tooLittleMemory();
    this.io = Array.from({ length: 4 }, () => this.#alloc(4 * this.rows));
    this.numbers = new Int32Array(kernel.memory.buffer); // memory doesn't grow any more
  }

  // Runs tokens, each [id, position, lane]. The first `wanted`, at most one for a lane, get an answer: their likeliest next ids,
  // as an Int32Array that the next call overwrites.
  forward(tokens, wanted) {
    const [ids, positions, lanes, best] = this.io;
    tokens.forEach(([id, position, lane], row) => {
      this.numbers[ids / 4 + row] = id;
      this.numbers[positions / 4 + row] = position;
      this.numbers[lanes / 4 + row] = lane;
    });
    this.kernel.forward(ids, positions, lanes, tokens.length, wanted, best);
    return this.numbers.subarray(best / 4, best / 4 + wanted);
  }

  // For answer `row` of the last call, whose likeliest id is `best`: a weight for each id, the likeliest 1. Once for each row.
  weights(row, best, temperature) {
    const at = this.kernel.weights_of(row, best, temperature);
    return new Float32Array(this.kernel.memory.buffer, at, this.vocabulary);
  }

  #tooLittleMemory() {
    throw new Fault(TOO_LITTLE_MEMORY);
  }

  #alloc(bytes) {
    return this.kernel.alloc(bytes) || this.#tooLittleMemory();
  }

  // A copy of some numbers in the kernel's memory.
  #put(numbers) {
    const at = this.#alloc(numbers.byteLength);
    new numbers.constructor(this.kernel.memory.buffer).set(numbers, at / numbers.BYTES_PER_ELEMENT);
    return at;
  }

  // In the order of llama.c's Config.
  #shape({ config, bits }) {
    const whole = Int32Array.of(
      config.vocab_size, config.hidden_size, config.num_hidden_layers, config.num_attention_heads, config.num_key_value_heads,
      config.head_dim, config.intermediate_size, this.window, this.lanes, this.rows, bits > 0, 0,
    );
    new Float32Array(whole.buffer)[11] = config.rms_norm_eps;
    return this.#put(whole);
  }

  // In the order of llama.c's `init`.
  #addresses(packed) {
    const payload = this.#put(packed.payload);
    const at = (name) => payload + packed.span(name)[0];
    const matrix = (name) => [at(`${name}.weight`), at(`${name}.weight.scale`)];
    const [cosines, sines] = this.#rotations(packed.rotation);
    const embedding = matrix("model.embed_tokens");
    const head = packed.has("lm_head.weight") ? matrix("lm_head") : embedding;
    const table = [at("model.norm.weight"), cosines, sines, ...embedding, ...head];
    for (let layer = 0; layer < packed.config.num_hidden_layers; layer++) {
      const name = `model.layers.${layer}`;
      table.push(at(`${name}.input_layernorm.weight`), at(`${name}.post_attention_layernorm.weight`));
      for (const part of MATRICES) table.push(...matrix(`${name}.${part}_proj`));
    }
    return this.#put(Uint32Array.from(table));
  }

  // The cosine and sine of every position's angles, each [window, head size / 2], from those of one position's. Turned on by
  // products instead of Math.cos, which differs from browser to browser.
  #rotations(step) {
    const half = step.length / 2;
    const cosines = new Float32Array(this.window * half);
    const sines = new Float32Array(this.window * half);
    for (let pair = 0; pair < half; pair++) {
      let [cosine, sine] = [1, 0];
      for (let position = 0; position < this.window; position++) {
        cosines[position * half + pair] = cosine;
        sines[position * half + pair] = sine;
        [cosine, sine] = [cosine * step[2 * pair] - sine * step[2 * pair + 1], sine * step[2 * pair] + cosine * step[2 * pair + 1]];
      }
    }
    return [this.#put(cosines), this.#put(sines)];
  }
}
