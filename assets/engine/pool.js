// The workers, and the emissions that share them: each free lane gets the next prompt of the first emission that has one.
import { Fault, sentence } from "./fault.js";

const LANES = 8; // prompts side by side in a worker
const NO_WORKER = "The model can't start: this browser gives the page no worker.";
const NOT_LOADED = "The model can't start: a script of its worker could not be loaded. Load the page again.";

export class Pool {
  // `start()` gives a port that worker.js serves. Goes on with those that start, of which memory may allow fewer than `count`. Throws
  // Fault if none does.
  static async start(start, count, kernel, file) {
    const pool = new Pool();
    const started = await Promise.allSettled(Array.from({ length: count }, () => loadedWorker(start, kernel, file)));
    for (const { value: port } of started) if (port) pool.#add(port);
    if (!pool.count) throw new Fault(sentence(started[0].reason));
    return pool;
  }

  constructor() {
    this.workers = []; // { port, prompts }: what is under way in each, as [job, number] by key
    this.jobs = new Set();
    this.keys = 0;
    this.broken = "";
  }

  get count() {
    return this.workers.length;
  }

  // Decodes what an emission asks for, until it ends. `onText` gets what is new of its text. Throws Fault.
  run(emission, { stop, sampling, signal, onText }) {
    return new Promise((resolve, reject) => {
      if (this.broken) throw new Fault(this.broken);
      const job = { emission, stop, sampling, onText, resolve, reject };
      job.halt = () => {
        this.#attempt(job, () => onText(emission.inOrder.end("stopped")));
        this.#finish(job);
      };
      job.unbind = () => signal?.removeEventListener("abort", job.halt);
      signal?.addEventListener("abort", job.halt);
      this.jobs.add(job);
      if (signal?.aborted) job.halt();
      this.#deal();
    });
  }

  // Ends all workers. `why`: what the emissions under way fail with.
  close(why) {
    this.broken = why;
    for (const { port } of this.workers) end(port);
    for (const job of this.jobs) {
      job.unbind();
      job.reject(new Fault(this.broken));
    }
    this.jobs.clear();
  }

  #add(port) {
    const worker = { port, prompts: new Map() };
    this.workers.push(worker);
    port.onerror = () => this.close("The model stopped: a worker failed.");
    port.onmessage = ({ data }) => (data.fault ? this.close(data.fault) : this.#take(worker, data.written));
  }

  // Hands out prompts to the emptiest workers, in the order of the emissions.
  #deal() {
    for (const job of this.jobs) {
      for (;;) {
        const worker = this.workers.reduce((least, other) => (other.prompts.size < least.prompts.size ? other : least));
        if (worker.prompts.size >= LANES) return;
        const prompt = this.#attempt(job, () => job.emission.next());
        if (!prompt) break;
        const key = this.keys++;
        worker.prompts.set(key, [job, prompt.number]);
        const sampling = job.sampling && { ...job.sampling, stream: prompt.number };
        worker.port.postMessage({ prompt: { key, ids: prompt.ids, limit: prompt.limit, stop: job.stop, sampling } });
      }
    }
  }

  #take(worker, written) {
    for (const [key, ids, ended] of written) {
      if (!worker.prompts.has(key)) continue; // dropped meanwhile
      const [job, number] = worker.prompts.get(key);
      if (ended) worker.prompts.delete(key);
      this.#attempt(job, () => job.onText(job.emission.take(number, ids, ended)));
      if (job.emission.inOrder.reason) this.#finish(job);
      else if (ended) this.#drop(job, job.emission.last ?? Infinity);
    }
    this.#deal();
  }

  // What an action of a job gives; if it throws, the job fails, and the others go on.
  #attempt(job, action) {
    try {
      return action();
    } catch (error) {
      job.reject(error);
      return this.#finish(job);
    }
  }

  #finish(job) {
    job.unbind();
    this.jobs.delete(job);
    this.#drop(job, -1);
    job.resolve(); // of no effect where it was rejected
  }

  // Ends the prompts of a job after number `last`.
  #drop(job, last) {
    for (const { port, prompts } of this.workers) {
      const drop = [...prompts].filter(([, [other, number]]) => other === job && number > last).map(([key]) => key);
      for (const key of drop) prompts.delete(key);
      if (drop.length) port.postMessage({ drop });
    }
  }
}

// A worker that has read the model.
async function loadedWorker(start, kernel, file) {
  let port;
  try {
    port = start();
  } catch {
    throw new Fault(NO_WORKER);
  }
  try {
    await new Promise((resolve, reject) => {
      port.onerror = () => reject(new Fault(NOT_LOADED));
      port.onmessage = ({ data }) => (data.ready ? resolve() : reject(new Fault(data.fault)));
      const model = file.slice();
      port.postMessage({ load: { wasm: kernel, model, lanes: LANES } }, [model.buffer]);
    });
  } catch (error) {
    end(port);
    throw error;
  }
  return port;
}

function end(port) {
  (port.terminate ?? port.close).call(port);
}
