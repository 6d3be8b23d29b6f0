// The opening: what the page plays by itself for a visitor who has asked for nothing. Any key or click stops it.
import { askedFor } from "./address.js";
import { home } from "./home.js";

const PATIENCE = 60; // times that the server is asked, which makes the emission when it starts
const PAUSE_MS = 1500;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let wanted = !askedFor().values.path && !still;

function stop(event) {
  const exhibit = document.querySelector(".exhibit");
  if (/^(Tab|Shift| |Arrow.*|Home|End)$/.test(event.key)) return; // to look around with, or the player's own
  if (event.target.closest?.(".player, .diff, .details")) return;
  wanted = false;
  if (exhibit?.hasAttribute("data-opening")) exhibit.dispatchEvent(new Event("laam-pause"));
}

async function play() {
  for (let asked = 0; wanted && asked < PATIENCE; asked++) {
    const exhibit = document.querySelector(".exhibit");
    const answer = exhibit && (await fetch(new URL("opening.json", home())).catch(() => null));
    const updates = answer?.ok ? await answer.json() : [];
    if (updates.length) {
      if (!wanted || exhibit.dataset.run) return;
      for (const update of updates) exhibit.dispatchEvent(new CustomEvent("laam-update", { detail: update }));
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

if (wanted) {
  document.addEventListener("pointerdown", stop);
  document.addEventListener("keydown", stop);
  play();
}
