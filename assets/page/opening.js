// The opening: what the page plays by itself for a visitor who has asked for nothing. Any key or click stops it.
import { pause, showUpdate } from "./exhibit.js";

const PATIENCE = 60; // times that the server is asked, which makes the emission when it starts
const PAUSE_MS = 1500;
const exhibit = document.querySelector(".exhibit");
let wanted = true; // whoever wishes no motion sees what it comes to

function stop(event) {
  if (/^(Tab|Shift| |Arrow.*|Home|End)$/.test(event.key)) return; // to look around with, or the player's own
  if (event.target.closest?.(".player, .diff, .details")) return;
  wanted = false;
  if (exhibit.hasAttribute("data-opening")) pause();
}

export async function playOpening() {
  document.addEventListener("pointerdown", stop);
  document.addEventListener("keydown", stop);
  for (let asked = 0; wanted && asked < PATIENCE; asked++) {
    const answer = await fetch("opening.json").catch(() => null);
    const updates = answer?.ok ? await answer.json() : [];
    if (updates.length) {
      if (wanted && !exhibit.dataset.run) updates.forEach(showUpdate);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
