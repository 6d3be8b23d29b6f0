// The browser's engine in Node: `node engine.mjs TASK`, arguments as JSON on standard input, the answer as JSON on standard output.
import { readFileSync } from "node:fs";
import { Digests } from "../../assets/engine/digest.js";
import { createEngine } from "../../assets/engine/engine.js";
import { sentence } from "../../assets/engine/fault.js";
import { readPacked } from "../../assets/engine/packed.js";
import { Prompts } from "../../assets/engine/prompts.js";
import { Tokenizer } from "../../assets/engine/tokenizer.js";
import { serve } from "../../assets/engine/worker.js";

const KERNEL = readFileSync(new URL("../../assets/engine/engine.wasm", import.meta.url));

// A worker without a thread: the worker's own code at the other end of a channel.
function channelWorker() {
  const { port1, port2 } = new MessageChannel();
  serve(port2);
  return port1;
}

function open(model, options = {}) {
  return createEngine({ wasm: KERNEL, model: readFileSync(model), workers: 1, startWorker: channelWorker, ...options });
}

function promptsOf(model) {
  const packed = readPacked(new Uint8Array(readFileSync(model)));
  return new Prompts(new Tokenizer(packed), packed.config.max_position_embeddings);
}

// Runs { path } or { source } with its options; `stopAfter`: characters after which it is stopped.
async function runOne(engine, { path, source, stopAfter, ...options }) {
  const stopping = new AbortController();
  const pieces = [];
  let length = 0;
  options.onText = (text) => {
    pieces.push(text);
    if ((length += text.length) >= stopAfter) stopping.abort();
  };
  options.signal = stopping.signal;
  const result = await (source === undefined ? engine.emit(path, options) : engine.continueSource(source, options));
  return { ...result, pieces };
}

const tasks = {
  // The emissions of a model; `together`: all at once.
  async emit({ model, workers, together, asked }) {
    const engine = await open(model, { workers });
    if (together) return Promise.all(asked.map((one) => runOne(engine, one)));
    const results = [];
    for (const one of asked) results.push(await runOne(engine, one));
    return results;
  },

  encode({ model, texts }) {
    const { tokenizer } = promptsOf(model);
    return texts.map((text) => tokenizer.encode(text));
  },

  // Texts of lists of ids, one id at a time.
  decode({ model, lists }) {
    const { tokenizer } = promptsOf(model);
    return lists.map((ids) => {
      const decode = tokenizer.decoder();
      return ids.map((id) => decode(id)).join("") + decode();
    });
  },

  prompts({ model, paths, sources }) {
    const prompts = promptsOf(model);
    return { paths: paths.map(([path, segment]) => prompts.segment(path, segment)), sources: sources.map((text) => prompts.source(text)) };
  },

  async digests({ texts }) {
    const digests = new Digests((await WebAssembly.instantiate(KERNEL)).instance.exports);
    return texts.map((text) => [digests.sha256(text), digests.line(text).toString()]);
  },
};

const answer = await tasks[process.argv[2]](JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
