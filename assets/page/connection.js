// Whether the server is still there. It is asked after a click that should begin something, and if an emission says nothing for long.
import { home } from "./home.js";

const SILENT_MS = 6000; // a live emission says something several times a second, or every 2 s while it waits for its turn
const PATIENCE_MS = 10000; // for an answer
const GONE = "The exhibit can’t be reached. Try again in a moment";
const BROKE = "The connection to the exhibit broke. What stands here had come until then.";
let begun = null; // when the server that this page talks to was started
let timer = 0;

/** Whether the server answers, and whether it is the same one and still writes for somebody. */
async function look() {
  try {
    const answer = await fetch(new URL("health", home()), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const health = await answer.json();
    const same = begun === null || begun === health.begun;
    begun = health.begun;
    return { there: true, writes: same && health.emissions > 0 };
  } catch {
    return { there: false, writes: false };
  }
}

async function clicked() {
  if (!(await look()).there) window.dispatchEvent(new CustomEvent("laam-refused", { detail: { refused: `${GONE}.`, suggestions: [] } }));
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
look();
