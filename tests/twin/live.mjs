// What runs in the visitor's own browser, in Node: `node live.mjs TASK`, arguments as JSON on standard input, the answer on standard output.
import { readFileSync } from "node:fs";
import { Digests } from "../../assets/engine/digest.js";
import { LineHighlighter } from "../../assets/live/highlight.js";
import { Sealed } from "../../assets/live/sealed.js";
import { StreamAligner } from "../../assets/live/stream.js";
import { writeFile } from "../../assets/live/updates.js";

const KERNEL = readFileSync(new URL("../../assets/engine/engine.wasm", import.meta.url));

// An engine that writes what it is told to, in pieces.
function scripted(digests, { text, pieces, reason, segments }) {
  return {
    digests,
    workers: 2,
    async emit(path, { onText }) {
      const size = Math.ceil(text.length / pieces);
      for (let at = 0; at < text.length; at += size) onText(text.slice(at, at + size));
      const prompts = Array.from({ length: segments }, (_, n) => `<|start_file|><|start_header|>${path}#${n}<|end_header|>`);
      return { text, reason, prompts, tokens: 7, decodedTokens: 8, seconds: 0.5 };
    },
  };
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

  // For each case the updates of an emission; rows are those that the page has in the end.
  async updates({ sealed: file, cases }) {
    performance.now = ((now) => () => (now += 60))(0); // every other piece makes an update
    const sealed = new Sealed(new Uint8Array(readFileSync(file)));
    const digests = new Digests((await WebAssembly.instantiate(KERNEL)).instance.exports);
    const answers = [];
    for (const { path, ...told } of cases) {
      const updates = [];
      await writeFile({ engine: scripted(digests, told), original: sealed.original(path), run: "1", show: (update) => updates.push(update) });
      const last = updates.at(-1);
      const settled = last.settle && (await (await fetch(last.settle)).text());
      const rows = settled || updates.map((update) => update.rows).filter(Boolean).join("\n");
      answers.push({ updates, rows, text: await (await fetch(last.download)).text() });
    }
    return answers;
  },
};

const answer = await tasks[process.argv[2]](JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
