// The embed: the exhibit's own script, fed by server-sent events instead of by Gradio.
import exhibit from "../embed/exhibit.js";
import { mendAddress, sayUnknown } from "./address.js";
import { openExhibit } from "./host.js";

const button = document.querySelector(".run");
const announcement = document.querySelector('[data-field="announcement"]');
const props = { value: null };
let changed = () => {};
exhibit(document.body, props, (_, callback) => { changed = callback; });

let source = null;

mendAddress();
sayUnknown(document.querySelector(".of-link"));
openExhibit(document.querySelector(".foot a"));

props.value = JSON.parse(document.querySelector("#ready").textContent); // the bars are there before anybody has clicked
changed();

function say(text) {
  button.title = text;
  button.textContent = text;
  announcement.textContent = text;
}

function lost(sentence) {
  end();
  say(sentence);
  document.querySelector(".exhibit").dispatchEvent(new CustomEvent("laam-lost", { detail: `${sentence.replace(/\.$/, "")}.` }));
}

function end() {
  source?.close();
  source = null;
  button.disabled = false;
}

button.addEventListener("click", () => {
  end();
  document.querySelector(".rows").focus({ preventScroll: true }); // which the button can't keep while it rests
  button.disabled = true;
  button.textContent = "Writing …";
  source = new EventSource(`embed/stream?${document.body.dataset.query}`);
  source.addEventListener("message", (event) => {
    props.value = JSON.parse(event.data);
    changed();
    if (props.value.state === "running") return;
    end();
    button.textContent = "Write it again";
  });
  source.addEventListener("refused", (event) => {
    lost(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    lost("The connection broke. Try again");
  });
});
