// Emissions from the server: a stream of server-sent events for each.
import { Fault } from "../engine/fault.js";

const SILENT_MS = 6000; // an emission says something several times a second, or every 2 s while it waits for its turn
const PATIENCE_MS = 10000; // for an answer
const GONE = "The exhibit can’t be reached. Try again in a moment.";
const BROKE = "The connection to the exhibit broke. What stands here had come until then.";

/** What the server says instead of an emission: `answer` is { refused, suggestions, anyway, here }, see laam/serving/refusal.py. */
export class Refusal extends Fault {
  constructor(answer) {
    super(answer.refused);
    this.answer = answer;
  }
}

/** The events of a stream, as { event, data }. `body`: a ReadableStream of bytes. */
export async function* eventsOf(body) {
  let text = "";
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const records = `${text}${part.value.replaceAll("\r", "")}`.split("\n\n");
      text = records.pop();
      for (const record of records) {
        const lines = record.split("\n");
        const value = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trimStart()).join("\n");
        if (value("data")) yield { event: value("event") || "message", data: JSON.parse(value("data")) };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** An answer that is an error, as a sentence. */
export async function faultOf(answer) {
  const told = await answer.json().catch(() => ({}));
  return new Refusal({ refused: told.detail || `The exhibit answers ${answer.status}.` });
}

export class Server {
  #control = new AbortController();
  #visit = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  /** `show(update)` gets the updates; `lose(sentence)` is told if no more will come of one that had begun. */
  constructor(show, lose) {
    Object.assign(this, { show, lose });
  }

  /** Answer an ask, and leave the one before. `query`: of its link; `source`: the text to continue, or empty. Throws Refusal. */
  async write(query, source = "") {
    this.leave();
    const { signal } = (this.#control = new AbortController());
    const request = source ? { method: "POST", body: source, headers: { "Content-Type": "text/plain;charset=UTF-8" } } : {};
    let [begun, ended, watch] = [false, false, 0];
    const listen = () => {
      clearTimeout(watch);
      watch = setTimeout(async () => ((await this.#isWriting()) ? listen() : this.#control.abort("silent")), SILENT_MS);
    };
    try {
      listen();
      const answer = await fetch(`stream?${[query, `visit=${this.#visit}`].filter(Boolean).join("&")}`, { ...request, signal });
      if (!answer.ok) throw await faultOf(answer);
      for await (const { event, data } of eventsOf(answer.body)) {
        if (signal.aborted) return;
        if (event === "refused") throw new Refusal(data);
        listen();
        begun = true;
        this.show(data);
        ended = data.state !== "running";
      }
      if (!ended) throw new Error("the stream ended early");
    } catch (error) {
      if (ended || (signal.aborted && signal.reason !== "silent")) return;
      if (begun) this.lose(error instanceof Refusal ? error.message : BROKE);
      if (!begun || error instanceof Refusal) throw error instanceof Refusal ? error : new Refusal({ refused: GONE });
    } finally {
      clearTimeout(watch);
    }
  }

  /** End the emission with what there is of it. */
  stop() {
    fetch(`stop?visit=${this.#visit}`, { method: "POST" }).catch(() => {});
  }

  /** Hear no more of the emission that is under way. */
  leave() {
    this.#control.abort();
  }

  async #isWriting() {
    try {
      const answer = await fetch("health", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      return (await answer.json()).emissions > 0;
    } catch {
      return false;
    }
  }
}
