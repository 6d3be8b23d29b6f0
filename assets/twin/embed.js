// The embed that is one file: the exhibit's own script, fed by the model in this browser.
import { askedFor, mendAddress, sayUnknown } from "../page/address.js";
import { showUpdate } from "../page/exhibit.js";
import { openExhibit } from "../page/host.js";
import { sentence } from "../engine/fault.js";
import { inlined } from "../engine/inlined.js";
import { Machine } from "../live/machine.js";
import { Sealed } from "../live/sealed.js";

const { model, sha256, bytes, sealedSha256, address } = JSON.parse(document.querySelector("#site").textContent);
const digests = Uint8Array.from(atob(document.querySelector("#sealed").textContent.trim()), (character) => character.charCodeAt(0));
const sealed = new Sealed(digests);
const { files } = sealed;
const asked = askedFor().values.path?.replace(/^\/+/, "");
const path = [asked, `${sealed.root}/${asked}`].find((name) => files.has(name)) ?? files.keys().next().value;
const button = document.querySelector(".run");
const announcement = document.querySelector('[data-field="announcement"]');
const machine = new Machine({ engine: { ...inlined(), model, sha256 }, sealed: digests, sealedSha256, bytes, show, tell });

document.querySelector("h1").textContent = path;
document.title = `${path} – ${document.title}`;
mendAddress();
sayUnknown(document.querySelector(".of-link"));
openExhibit(document.querySelector(".foot a"));
document.querySelector(".foot a").href = `${address}?path=${path.replace(/^[^/]*\//, "")}`;

const { heading, lengths } = sealed.original(path);
showUpdate({ run: "ready", state: "ready", fields: heading, lengths: Array.from(lengths), first_line: 0 });

function show(update) {
  showUpdate(update);
  if (update.state !== "running") say("Write it again", false);
  else button.textContent = "Writing …";
}

function tell(text) {
  if (text) button.textContent = text;
}

function say(text, aloud) {
  button.disabled = false;
  button.textContent = text;
  button.title = text;
  if (aloud) announcement.textContent = text;
}

button.addEventListener("click", () => {
  button.disabled = true;
  machine.write({ path }).catch((error) => say(sentence(error), true));
});
button.disabled = false; // a click before would have been lost
