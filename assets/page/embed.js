// The embed: the small form of the page, for one emission of the server.
import { mendAddress, sayUnknown } from "./address.js";
import { lose, showUpdate } from "./exhibit.js";
import { openExhibit } from "./host.js";
import { Server } from "./server.js";

const run = document.querySelector(".run");
const announcement = document.querySelector('[data-field="announcement"]');
const server = new Server(heard, lose);

function label(text) {
  run.title = run.textContent = text;
}

function heard(update) {
  showUpdate(update);
  if (update.state !== "running") label("Write it again");
}

run.addEventListener("click", async () => {
  document.querySelector(".rows").focus({ preventScroll: true }); // which the button can't keep while it rests
  run.disabled = true;
  label("Writing …");
  try {
    await server.write(document.body.dataset.query);
  } catch (error) {
    label(error.message);
    announcement.textContent = error.message;
  }
  run.disabled = false;
});

showUpdate(JSON.parse(document.querySelector("#ready").textContent)); // the bars are there before anybody has clicked
mendAddress();
sayUnknown(document.querySelector(".of-link"));
openExhibit(document.querySelector(".foot a"));
run.disabled = false; // a click before would have been lost
