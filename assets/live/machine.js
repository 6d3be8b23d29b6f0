// The model in this browser, opened when it is asked for the first time; it answers one ask at a time.
import { obtain } from "../engine/download.js";
import { createEngine } from "../engine/engine.js";
import { Fault } from "../engine/fault.js";
import { outcomeOf } from "./outcome.js";
import { questionOf } from "./question.js";
import { Sealed } from "./sealed.js";
import { writeAnswer } from "./updates.js";

export class Machine {
  #opening = null;
  #stopping = new AbortController();
  #runs = 0;

  // `engine`: see createEngine; `sealed`: the file of digests, its address or its bytes, with its `sealedSha256`; `bytes`: of the model.
  // Of a page without the file for fewer bits the engine has no `rounding`; nothing there asks for them.
  // `show(update, path)` gets what the panes show, `tell(text)` what the visitor waits for; empty if it is for nothing.
  constructor({ engine, sealed, sealedSha256, bytes, show, tell }) {
    Object.assign(this, { engine, sealed, sealedSha256, bytes, show, tell });
  }

  // Answers an ask, see questionOf, and stops the one before. A path may lack its first folders. Throws Fault.
  async write(ask) {
    const begun = await this.#begin(ask);
    if (!begun) return;
    const { engine, sealed, question, run, signal } = begun;
    const path = question.original?.path ?? "emission.txt";
    const show = (update) => run === this.#runs && this.show(update, path);
    await writeAnswer({ engine, sealed, question, run: `local ${path} ${run}`, signal, show });
  }

  // What comes of a file, see outcomeOf, without showing it; null if it was stopped. It stops the one before, too. Throws Fault.
  async outcome(ask) {
    const begun = await this.#begin(ask);
    return begun && outcomeOf(begun);
  }

  // The ask as a question, once the model is there with as many bits as it wants; null if another one came meanwhile.
  async #begin(ask) {
    this.stop();
    const run = ++this.#runs;
    const { signal } = (this.#stopping = new AbortController());
    const { engine, sealed } = await this.#open();
    if (run === this.#runs && !signal.aborted) await engine.round(ask.settings?.bits ?? 0);
    if (run !== this.#runs || signal.aborted) return null;
    return { engine, sealed, question: questionOf(ask, sealed, engine.digests), run, signal };
  }

  stop() {
    this.#stopping.abort();
  }

  // No file is written any more, and none that is under way is shown.
  leave() {
    this.#runs++;
    this.stop();
  }

  async #open() {
    this.#opening ??= this.#load();
    try {
      return await this.#opening;
    } catch (error) {
      this.#opening = null; // it may go better next time
      throw error;
    } finally {
      this.tell("");
    }
  }

  async #load() {
    const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
    const onProgress = (bytes) => this.tell(`Fetching the model: ${megabytes(bytes)} of ${megabytes(this.bytes)} MB`);
    onProgress(0);
    const [engine, file] = await Promise.all([
      createEngine({ ...this.engine, onProgress }),
      obtain(this.sealed, "The file of digests"),
    ]);
    if (engine.digests.sha256(file) !== this.sealedSha256) {
      engine.close();
      throw new Fault("The file of digests is not the one that this page was made with: its sha256 is another. Reload the page.");
    }
    return { engine, sealed: new Sealed(file) };
  }
}
