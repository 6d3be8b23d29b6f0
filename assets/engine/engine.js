// The model in the visitor's own browser.
//
//   const engine = await createEngine({ wasm: "engine.wasm", worker: "worker.js", model: "model.safetensors", sha256: "…" });
//   const { text, sha256, reason } = await engine.emit("linux/kernel/sched.c", { size: 26_000, onText: (text) => … });
//   const more = await engine.continueSource("int main(", { temperature: 0.7, seed: 1 });
//   await engine.round(5);
//   engine.close();
//
// createEngine({ wasm, model, worker, sha256, rounding, workers, startWorker, signal, onProgress })
//   wasm, model   addresses, or bytes; `model` is what laam/model/pack.py writes
//   worker        the address of worker.js, or a data: address with all of it
//   sha256        of the model file, hexadecimal; without it the file is not checked
//   rounding      what the model is rounded to fewer bits with: { model, sha256 }, as above, of the file that laam/model/pack_rounding.py writes
//   workers       how many; as many as the machine has cores, at most 8, if not given; fewer if memory allows no more
//   startWorker   makes a worker, or another port that worker.js serves, in place of a browser's Worker
//   onProgress    called with the bytes of the model that have arrived
//
// round(bits) lets the model go on with its weights rounded to 2 to 8 bits, see rounding.js; 0: as shipped. Emissions under way fail.
//
// emit(path, options) and continueSource(source, options) give a promise of
//   { text, sha256, reason, tokens, decodedTokens, seconds, firstTextSeconds, prompts, reach }
// `reason` is why nothing follows: "end of file", "end of segment", "window end", "token limit", "length limit" (the file had its size
// and didn't end), or "stopped" (by `signal`). `tokens` are those of the text with closing ones; `decodedTokens` also count those that
// were decoded for nothing. `prompts`: what the model was given for the text, as a person reads it: of long source, its end. `reach`: the
// characters that were written when the window was full for the first time, or null. Options:
//   onText(text, decodedTokens)  called with what is new of the text, in order; empty if only later parts of the file have grown
//   signal                       an AbortSignal: stops it
//   temperature, topK, seed      0 is greedy, the default; else a draw from the `topK` likeliest ids (0: all), repeatable by its seed.
//                                The same seed gives the same text on every machine, but not the text that the server draws by it.
//   maxTokens                    40,000 if not given
//   size, mayGrow                emit only: the file's bytes, where they are known, and whether the text may grow beyond them; see FileEmission
//   slide                        continueSource only: run on when the window is full
//
// Several emissions can be under way at once. Whatever fails gives a Fault, whose message is one sentence for the visitor.
import { Digests } from "./digest.js";
import { obtain } from "./download.js";
import { FileEmission, SourceEmission } from "./emission.js";
import { Fault, sentence } from "./fault.js";
import { readPacked } from "./packed.js";
import { Pool } from "./pool.js";
import { Prompts } from "./prompts.js";
import { roundedModel } from "./rounding.js";
import { Tokenizer } from "./tokenizer.js";

const MAX_TEMPERATURE = 1.5;
const BITS = [2, 3, 4, 5, 6, 7, 8];
const ROUNDING = "The file for fewer bits";
const MAX_WORKERS = 8;

export async function createEngine({ wasm, model, worker, sha256, rounding, workers, startWorker, signal, onProgress }) {
  const kernel = await obtain(wasm, "The model's program", { signal });
  const digests = new Digests(await instantiate(kernel));
  const check = (file, name, expected) => {
    if (!expected || digests.sha256(file) === expected) return file;
    throw new Fault(`${name} is not the one that this page was made with: its sha256 is another. Reload the page.`);
  };
  const file = check(await obtain(model, "The model", { signal, onProgress }), "The model file", sha256);
  const packed = readPacked(file);
  const prompts = new Prompts(new Tokenizer(packed), packed.config);
  const count = workers ?? Math.min(MAX_WORKERS, globalThis.navigator?.hardwareConcurrency || 1);
  const start = startWorker ?? (() => browserWorker(worker));
  const sides = async () => unpacked(check(await obtain(rounding.model, ROUNDING), ROUNDING, rounding.sha256));
  const models = { file, sides, start: (other) => Pool.start(start, count, kernel, other) };
  return new Engine(await models.start(file), models, prompts, digests, packed.weightsSha256);
}

export class Engine {
  #rounding = Promise.resolve(); // one after the other
  #sides = null; // the file that the model is rounded with, once it is wanted

  // `models`: the model's `file`; `sides()` gets what it is rounded with, and `start(file)` a pool that runs a model.
  // `weightsSha256`: of the weights that the model file was packed from.
  constructor(pool, models, prompts, digests, weightsSha256) {
    Object.assign(this, { pool, models, prompts, digests, weightsSha256, bits: 0 });
  }

  // Goes on with so many bits a weight; see above. Throws Fault.
  async round(bits) {
    if (bits !== 0 && !BITS.includes(bits)) throw new Fault(`Bits is none of ${BITS.join(", ")}, or 0 for as shipped.`);
    const rounding = this.#rounding.then(() => this.#round(bits));
    this.#rounding = rounding.catch(() => {});
    return rounding;
  }

  async #round(bits) {
    if (bits === this.bits) return;
    const { file, sides, start } = this.models;
    if (bits) this.#sides ??= await sides();
    this.pool.close("The model was rounded anew.");
    this.bits = null; // in case that no worker starts
    this.pool = await start(bits ? roundedModel(file, this.#sides, bits) : file);
    this.bits = bits;
  }

  get workers() {
    return this.pool.count;
  }

  // How many tokens the model sees at once.
  get window() {
    return this.prompts.window;
  }

  async emit(path, options = {}) {
    return this.#run(new FileEmission(this.prompts, path, options), options);
  }

  async continueSource(source, options = {}) {
    if (!source) throw new Fault("There is no source to continue.");
    return this.#run(new SourceEmission(this.prompts, source, options), options);
  }

  // Ends the workers; emissions under way fail.
  close() {
    this.pool.close("The model was closed.");
  }

  async #run(emission, { onText = () => {}, signal, temperature = 0, topK = 0, seed = 0 }) {
    if (!(temperature >= 0 && temperature <= MAX_TEMPERATURE)) throw new Fault(`The temperature is outside 0 to ${MAX_TEMPERATURE}.`);
    if (!(Number.isInteger(topK) && topK >= 0)) throw new Fault("Top-k is no whole number from 0 on.");
    const began = performance.now();
    const seconds = () => (performance.now() - began) / 1000;
    let text = "";
    let firstTextSeconds = null;
    const sampling = temperature > 0 ? { temperature, topK, seed } : null;
    await this.pool.run(emission, {
      stop: this.prompts.stop,
      sampling,
      signal,
      onText: (more) => {
        text += more;
        if (more) firstTextSeconds ??= seconds();
        onText(more, emission.decoded.ids);
      },
    });
    const { reason, tokens } = emission.inOrder;
    const decodedTokens = emission.decoded.ids;
    const { prompted: prompts, reach = null } = emission;
    return { text, sha256: this.digests.sha256(text), reason, tokens, decodedTokens, seconds: seconds(), firstTextSeconds, prompts, reach };
  }
}

// What was in gzip; a host may have unpacked it.
async function unpacked(file) {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return file;
  return new Uint8Array(await new Response(new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

// The kernel's exports. Throws Fault where the browser can't run it.
async function instantiate(kernel) {
  if (typeof WebAssembly === "undefined") throw new Fault("This browser can't run the model: it has no WebAssembly.");
  if (!WebAssembly.validate(kernel)) throw new Fault("This browser can't run the model: its WebAssembly has no SIMD. A newer one has.");
  try {
    return (await WebAssembly.instantiate(kernel)).instance.exports;
  } catch (error) {
    throw new Fault(sentence(error));
  }
}

// A worker of an address. Browsers take another host's only by way of an import, and a frame without an origin of its own takes
// modules only from data: addresses.
function browserWorker(address) {
  const { href, origin, protocol } = new URL(address, document.baseURI);
  const isOwn = protocol === "data:" || origin === self.origin;
  const script = encodeURIComponent(`import ${JSON.stringify(href)};`);
  return new Worker(isOwn ? href : `data:text/javascript,${script}`, { type: "module" });
}
