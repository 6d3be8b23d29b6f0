// What runs in the visitor's own browser, in Node: `node live.mjs TASK`, arguments as JSON on standard input, the answer on standard output.
import { readFileSync } from "node:fs";
import { Digests } from "../../assets/engine/digest.js";
import { LineHighlighter } from "../../assets/live/highlight.js";
import { askOfLink, queryOf, readKnob } from "../../assets/live/knobs.js";
import { queryBehindHash, readLink, unknownSentence } from "../../assets/live/link.js";
import { Credits, locate } from "../../assets/live/lookup.js";
import { outcomeOf } from "../../assets/live/outcome.js";
import { questionOf } from "../../assets/live/question.js";
import { Sealed } from "../../assets/live/sealed.js";
import { StreamAligner } from "../../assets/live/stream.js";
import { writeAnswer } from "../../assets/live/updates.js";

const KERNEL = readFileSync(new URL("../../assets/engine/engine.wasm", import.meta.url));

// An engine that writes what it is told to, in pieces.
function scripted(digests, { text, pieces, reason, segments, kept, reach }) {
  const write = (prompts, onText) => {
    const size = Math.ceil(text.length / pieces);
    for (let at = 0; at < text.length; at += size) onText(text.slice(at, at + size));
    return { text, reason, prompts, tokens: 7, decodedTokens: 8, seconds: 0.5, reach };
  };
  return {
    digests,
    workers: 2,
    window: 48,
    async emit(path, { onText = () => {} }) {
      return write(Array.from({ length: segments }, (_, n) => `<|start_file|><|start_header|>${path}#${n}<|end_header|>`), onText);
    },
    async continueSource(source, { onText }) {
      return write([[...source].slice(-kept).join("")], onText);
    },
  };
}

async function opened(file) {
  const digests = new Digests((await WebAssembly.instantiate(KERNEL)).instance.exports);
  return { sealed: new Sealed(new Uint8Array(readFileSync(file))), digests };
}

// What an action gives, or the sentence with which it refuses.
function attempt(action) {
  try {
    return action();
  } catch (error) {
    return error.message;
  }
}

const tasks = {
  highlight: ({ cases }) => cases.map(({ path, lines }) => {
    const highlighter = new LineHighlighter(path);
    return lines.map((line) => highlighter.feed(line));
  }),

  align: ({ cases }) => cases.map(({ written, digests, lengths, step }) => {
    const aligner = new StreamAligner(digests, lengths);
    const blocks = [];
    for (let at = 0; at < written.length; at += step) blocks.push(...aligner.feed(written.slice(at, at + step)));
    return blocks;
  }),

  knobs: ({ cases }) => cases.map(({ knob, text }) => attempt(() => readKnob(knob, text))),

  // For each query what it asks for, and the query that asks for the same.
  links: ({ knobs, keys, queries }) => queries.map((query) => attempt(() => {
    const { path, settings } = askOfLink(readLink(query, keys).values, knobs);
    return { path, settings, link: queryOf(path, settings, knobs) };
  })),

  // For each address what its query says, after what stands behind a `#` was put back.
  keys: ({ keys, addresses }) => addresses.map((address) => {
    const url = new URL(address, "http://x");
    const { values, unknown } = readLink(queryBehindHash(url) ?? url.search, keys);
    return { values, note: unknownSentence(unknown) };
  }),

  async locate({ sealed: file, texts }) {
    const { sealed, digests } = await opened(file);
    return texts.map((text) => locate(text, sealed.index, digests));
  },

  async credits({ sealed: file, cases }) {
    const { sealed, digests } = await opened(file);
    return cases.map((lines) => {
      const credits = new Credits(sealed.index, digests);
      return lines.map((line) => credits.credit(line));
    });
  },

  async outcomes({ sealed: file, cases }) {
    const { sealed, digests } = await opened(file);
    return Promise.all(cases.map(({ ask, ...told }) => outcomeOf({ engine: scripted(digests, told), question: questionOf(ask, sealed, digests) })));
  },

  // For each case the updates of an emission; rows are those that the page has in the end.
  async updates({ sealed: file, cases }) {
    performance.now = ((now) => () => (now += 60))(0); // every other piece makes an update
    const { sealed, digests } = await opened(file);
    const answers = [];
    for (const { ask, ...told } of cases) {
      const updates = [];
      const question = questionOf(ask, sealed, digests);
      await writeAnswer({ engine: scripted(digests, told), sealed, question, run: "1", show: (update) => updates.push(update) });
      const last = updates.at(-1);
      const settled = last.settle && (await (await fetch(last.settle)).text());
      const rows = settled || updates.map((update) => update.rows).filter(Boolean).join("\n");
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(await (await fetch(last.download)).arrayBuffer());
      answers.push({ updates, rows, text });
    }
    return answers;
  },
};

const answer = await tasks[process.argv[2]](JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
