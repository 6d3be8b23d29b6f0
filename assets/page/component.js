// `<linux-as-a-model path="kernel/sched.c">` for another site's page: the embed in a frame, of an example if no path is given. `src`: the
// exhibit's address, if it isn't the one that this script came from. Pages of before have `<gradio-app>` instead.
const HOME = new URL("../", import.meta.url);

class Embed extends HTMLElement {
  static observedAttributes = ["path", "query", "src"];

  connectedCallback() {
    this.#show();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.#show();
  }

  #show() {
    const home = new URL(this.getAttribute("src") || HOME, document.baseURI);
    const path = this.getAttribute("path") || "";
    const frame = Object.assign(document.createElement("iframe"), { title: "A file, as a model wrote it, beside the original", width: "100%", loading: "lazy" });
    frame.src = new URL(`embed?${new URLSearchParams({ path })}&${this.getAttribute("query") || ""}`, home);
    frame.setAttribute("height", this.getAttribute("height") || "480");
    frame.setAttribute("frameborder", "0");
    frame.setAttribute("allow", "clipboard-write");
    this.style.display = "block";
    this.replaceChildren(frame);
  }
}

for (const name of ["linux-as-a-model", "gradio-app"]) if (!customElements.get(name)) customElements.define(name, class extends Embed {});
