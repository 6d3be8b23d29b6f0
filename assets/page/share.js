// The share panel: what the server makes of a run, to copy and to save.
import { nameLine } from "./keep_address.js";

const exhibit = document.querySelector(".exhibit");
const panel = exhibit.querySelector(".panel");
const area = panel.querySelector("textarea");
const name = document.querySelector(".masthead h1").textContent; // of the exhibit
let kept = null; // what the server has of the run that is shown

function say(text) {
  panel.querySelector("output").textContent = text;
}

function begin() {
  kept = null;
  panel.hidden = area.hidden = true;
  say("");
  document.title = name;
}

async function seen({ detail: said }) {
  if (exhibit.hasAttribute("data-opening")) return;
  panel.hidden = false;
  document.title = `${[said.file, said.lossy].filter(Boolean).join(", ")}: ${said.in_short} – ${name}`;
  if (!kept) await prepare();
}

async function prepare() {
  const { run } = exhibit.dataset;
  if (run.startsWith("local ")) return offer({ link: location.href.split("#")[0] }); // the server doesn't know what this browser wrote
  const answer = await fetch(`run/${run}/share.json`).catch(() => null);
  if (run !== exhibit.dataset.run) return;
  if (answer?.ok) offer(await answer.json());
  else say("This emission is no longer kept. Run it again.");
}

function offer(made) {
  kept = made;
  for (const save of panel.querySelectorAll("[data-save]")) {
    const address = kept[save.dataset.save];
    save.hidden = !address;
    if (!address) continue;
    save.href = address;
    save.download = decodeURIComponent(new URL(save.href).pathname.split("/").pop());
  }
  for (const button of panel.querySelectorAll("[data-copy]")) button.hidden = !kept[button.dataset.copy];
  panel.querySelector(".cited").hidden = !kept.cite;
  if (!kept.link) say("What comes from source text has no link: it is too long for an address.");
}

async function copy(name) {
  if (!kept) await prepare();
  const text = name === "link" && kept?.link ? kept.link + location.hash : kept?.[name];
  if (!text) return;
  if (name === "markdown" && kept.moving) fetch(kept.moving).catch(() => null); // it is made when it is first asked for: before the forum asks
  area.value = text;
  area.hidden = false; // to be copied by hand, where a browser doesn't let a page do it
  try {
    await navigator.clipboard.writeText(text);
    say("Copied.");
  } catch {
    area.select();
    say("Select and copy it below.");
  }
}

exhibit.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) copy(button.dataset.copy);
  const { o: line } = target.closest(".row")?.dataset ?? {};
  if (!line || !target.classList.contains("n")) return;
  nameLine(line);
  say(`The address leads to line ${line} now; “link” copies it.`);
});
addEventListener("laam-begun", begin);
addEventListener("laam-seen", seen);
