// Whether the server is still there. It is asked after a click that should begin something, and if an emission says nothing for long.
import { home } from "./home.js";

const SILENT_MS = 6000; // a live emission says something several times a second, or every 2 s while it waits for its turn
const PATIENCE_MS = 10000; // for an answer
const AGAIN_MS = 3000; // between two looks at whether there is room
const GONE = "The exhibit can’t be reached. Try again in a moment";
const FULL = "Too many pages of the exhibit are open just now. Close some, or wait: this one tries again by itself";
const BROKE = "The connection to the exhibit broke. What stands here had come until then.";
let begun = null; // when the server that this page talks to was started
let timer = 0;
let emissions = 0; // that have begun on this page

/** Whether the server answers, whether it is the same one and still writes for somebody, and whether it has room for one more page. */
async function look() {
  try {
    const answer = await fetch(new URL("health", home()), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const health = await answer.json();
    const same = begun === null || begun === health.begun;
    begun = health.begun;
    return { there: true, writes: same && health.emissions > 0, room: health.room };
  } catch {
    return { there: false, writes: false, room: false };
  }
}

async function clicked() {
  const before = emissions;
  const { there, room } = await look();
  if (there && (room || emissions > before)) return; // it may have got the last place
  say(there ? FULL : GONE);
}

function say(sentence) {
  const refused = sentence && `${sentence}.`;
  window.dispatchEvent(new CustomEvent("laam-refused", { detail: { refused, suggestions: [] } }));
}

// Gradio loads a page anew, again and again, that isn't served: so it is told at each beginning, until there is room.
async function opened() {
  const { there, room } = await look();
  if (!there || room) return;
  const tell = () => document.querySelector("#notice .notice") && (say(FULL), waiting.disconnect());
  const waiting = new MutationObserver(tell);
  waiting.observe(document, { childList: true, subtree: true });
  tell();
  do await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  while (!(await look()).room);
  waiting.disconnect();
  if (document.querySelector("#notice .notice")?.textContent.startsWith(FULL)) say("");
}

// From one update of a live emission to the next.
function watch({ detail: live }) {
  clearTimeout(timer);
  if (live) timer = setTimeout(doubt, SILENT_MS);
}

async function doubt() {
  const known = timer;
  const { writes } = await look();
  if (known !== timer) return; // something came meanwhile
  if (writes) timer = setTimeout(doubt, SILENT_MS);
  else document.querySelector(".exhibit")?.dispatchEvent(new CustomEvent("laam-lost", { detail: BROKE }));
}

document.addEventListener("click", (event) => event.target.closest?.("#emit, #continue, #chips button, [data-ask]") && clicked());
document.addEventListener("keydown", (event) => event.key === "Enter" && event.target.closest?.("#path") && clicked());
addEventListener("laam-heard", watch);
addEventListener("laam-begun", () => emissions++);
opened();
