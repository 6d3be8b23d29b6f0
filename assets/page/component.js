// The page's own scripts, for another site's page that holds <gradio-app>: all but those that speak for the address bar and the title.
import "./asking.js";
import "./both.js";
import "./certainty.js";
import "./connection.js";
import "./forget.js";
import "./kernel.js";
import "./lab.js";
import "./literature.js";
import "./local.js";
import "./shows.js";

addEventListener("laam-unloaded", ({ detail }) => {
  dispatchEvent(new CustomEvent("laam-refused", { detail: { refused: `${detail} could not be loaded. Load the page again.` } }));
});
