// The browser's engine in Node: `node engine.mjs TASK`, arguments as JSON on standard input, the answer as JSON on standard output.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";
import { heaviestMatches } from "../../assets/engine/align.js";
import { boundedMatches } from "../../assets/engine/bounded.js";
import { Digests } from "../../assets/engine/digest.js";
import { createEngine } from "../../assets/engine/engine.js";
import { Llama } from "../../assets/engine/llama.js";
import { readPacked } from "../../assets/engine/packed.js";
import { Prompts } from "../../assets/engine/prompts.js";
import { roundedModel } from "../../assets/engine/rounding.js";
import { Random, draw } from "../../assets/engine/sampling.js";
import { scoreText } from "../../assets/engine/score.js";
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
  const rounding = options.rounding && { model: readFileSync(options.rounding) };
  return createEngine({ wasm: KERNEL, model: readFileSync(model), workers: 1, startWorker: channelWorker, ...options, rounding });
}

function promptsOf(model) {
  const packed = readPacked(new Uint8Array(readFileSync(model)));
  return new Prompts(new Tokenizer(packed), packed.config);
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

// A port whose first message is changed on its way.
function changing(port, change) {
  return {
    set onmessage(listener) { port.onmessage = listener; },
    postMessage: ({ load }) => port.postMessage({ load: change(load) }),
    close: () => port.close(),
  };
}

// A host with a whole file, half of one, and nothing else.
async function hostOf(file) {
  const server = createServer((request, answer) => {
    if (request.url !== "/half" && request.url !== "/whole") return answer.writeHead(404).end();
    answer.writeHead(200, { "Content-Length": file.length });
    if (request.url === "/whole") return answer.end(file);
    return answer.write(file.subarray(0, 1000), () => answer.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}`, close: () => { server.closeAllConnections(); server.close(); } };
}

async function digester() {
  return new Digests((await WebAssembly.instantiate(KERNEL)).instance.exports);
}

const tasks = {
  // The emissions of a model; `together`: all at once.
  async emit({ model, rounding, workers, together, asked }) {
    const engine = await open(model, { rounding, workers });
    if (together) return Promise.all(asked.map((one) => runOne(engine, one)));
    const results = [];
    for (const one of asked) {
      await engine.round(one.bits ?? 0);
      results.push(await runOne(engine, one));
    }
    return results;
  },

  // Writes a packed model as each number of bits makes it into a folder.
  rounded({ model, rounding, folder, bits }) {
    const [file, sides] = [new Uint8Array(readFileSync(model)), new Uint8Array(gunzipSync(readFileSync(rounding)))];
    for (const each of bits) writeFileSync(`${folder}/${each}`, roundedModel(file, sides, each));
    return bits;
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

  // The logits after each of some lists of ids, less the largest, and not below -80; all lists side by side.
  async logits({ model, lists }) {
    const llama = await Llama.load(KERNEL, new Uint8Array(readFileSync(model)), lists.length);
    const last = lists.map((ids, lane) => [ids.at(-1), ids.length - 1, lane]);
    lists.forEach((ids, lane) => llama.forward(ids.slice(0, -1).map((id, position) => [id, position, lane]), 0));
    const best = [...llama.forward(last, last.length)];
    return best.map((id, row) => Array.from(llama.weights(row, id, 1), (weight) => Math.max(-80, Math.log(weight))));
  },

  prompts({ model, paths, sources }) {
    const prompts = promptsOf(model);
    return { paths: paths.map(([path, segment]) => prompts.segment(path, segment)), sources: sources.map((text) => prompts.source(text)) };
  },

  // The sentences with which an engine fails to open, by what is wrong.
  async openFaults({ model }) {
    const file = readFileSync(model);
    const told = {};
    const attempt = async (name, options, source = model) => {
      told[name] = await open(source, options).then(() => "it opened", (error) => error.message);
    };
    const host = await hostOf(file);
    await attempt("digest", { sha256: "0".repeat(64) });
    await attempt("status", { model: `${host.address}/missing` });
    await attempt("broken off", { model: `${host.address}/half` });
    host.close();
    await attempt("unreachable", { model: `${host.address}/whole` });
    await attempt("no header", { model: file.subarray(9) });
    await attempt("cut short", { model: file.subarray(0, file.length - 1) });
    await attempt("other make", { model: Buffer.from(file.toString("latin1").replace("laam-int8-1", "laam-int8-9"), "latin1") });
    await attempt("memory", { startWorker: () => changing(channelWorker(), (load) => ({ ...load, lanes: 2_000_000 })) });
    await attempt("no worker", { startWorker: () => { throw new Error("refused"); } });
    await attempt("worker fails", { startWorker: () => ({ postMessage() { setTimeout(() => this.onerror()); }, close() {} }) });
    const { WebAssembly: whole } = globalThis;
    globalThis.WebAssembly = { ...whole, validate: () => false };
    await attempt("no simd", {});
    globalThis.WebAssembly = undefined;
    await attempt("no wasm", {});
    return told;
  },

  // What an engine writes if one of its three workers finds no memory; and how many workers it has.
  async fewerWorkers({ model, path }) {
    let started = 0;
    const startWorker = () => (started++ === 1 ? changing(channelWorker(), (load) => ({ ...load, lanes: 2_000_000 })) : channelWorker());
    const engine = await open(model, { workers: 3, startWorker });
    return [engine.workers, (await engine.emit(path)).reason];
  },

  // The sentences with which an emission fails, by what is wrong.
  async emitFaults({ model, path }) {
    const told = {};
    const attempt = async (name, promise) => {
      told[name] = await promise.then(() => "it ended", (error) => error.message);
    };
    const engine = await open(model);
    await attempt("long path", engine.emit("x/".repeat(400)));
    await attempt("half a pair", engine.continueSource("a\ud800b"));
    await attempt("no source", engine.continueSource(""));
    await attempt("temperature", engine.emit(path, { temperature: 9 }));
    await attempt("top-k", engine.emit(path, { topK: -1 }));
    await attempt("listener", engine.emit(path, { onText() { throw new Error("the page's own"); } }));
    told["goes on"] = (await engine.emit(path)).reason;
    const cut = engine.emit(path);
    engine.close();
    await attempt("closed", cut);
    await attempt("after", engine.emit(path));
    const failing = { postMessage({ load }) { setTimeout(() => this.onmessage({ data: load ? { ready: true } : { fault: "It broke." } })); }, close() {} };
    await attempt("worker", (await open(model, { startWorker: () => failing })).emit(path));
    return told;
  },

  // Whether a worker that throws says so. A kernel that isn't one stands for whatever may go wrong there.
  async workerFault() {
    const port = channelWorker();
    port.postMessage({ load: { wasm: new Uint8Array(8), model: new Uint8Array(8), lanes: 1 } });
    return (await new Promise((resolve) => { port.onmessage = resolve; })).data;
  },

  // Numbers of 32 bits from a generator: in a given state, or of a seed and a stream.
  random({ state, seed, stream, count }) {
    const random = new Random(seed, stream);
    if (state) random.state = Uint32Array.from(state);
    return Array.from({ length: count }, () => random.next() * 2 ** 32);
  },

  // How often each id is drawn.
  drawn({ weights, topK, count }) {
    const random = new Random(1, 0);
    const times = weights.map(() => 0);
    for (let n = 0; n < count; n++) times[draw(Float32Array.from(weights), topK, random)]++;
    return times;
  },

  bounded: ({ cases, steps }) => cases.map(({ a, b, weights }) => boundedMatches(a, b, weights, steps)),

  matches: ({ cases }) => cases.map(({ a, b, weights }) => heaviestMatches(a, b, weights)),

  // The scores of texts; digests are written as text, since JSON in JavaScript has no numbers of 64 bits.
  async scores({ cases }) {
    const kernel = await digester();
    return cases.map(({ text, digests, lengths, common, sha256 }) => {
      const original = { digests: BigUint64Array.from(digests, BigInt), lengths: Uint16Array.from(lengths), common: new Set(common.map(BigInt)), sha256 };
      return scoreText(text, original, kernel);
    });
  },

  async digests({ texts }) {
    const digests = await digester();
    return texts.map((text) => [digests.sha256(text), digests.line(text).toString()]);
  },
};

const answer = await tasks[process.argv[2]](JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
