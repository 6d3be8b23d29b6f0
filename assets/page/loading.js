// Says which script of the page could not be loaded, and why if that can be known. It is no module: what it is for is that a module fails,
// and a page that was opened as a file, or that stands in a sandboxed frame, can load a script like this one.
(() => {
  const own = document.currentScript.src;
  const base = new URL("..", own).href;
  const IMPORTS = /^\s*import\s(?:[^"';]*\sfrom\s)?\s*["']([^"']+)["']/gm;
  let told = false;

  const canFetch = (url) => fetch(url).then((answer) => answer.ok, () => false);

  // The script that can't be fetched: the one at `url`, or one that it imports; null if all can be by now.
  async function missing(url, seen = new Set()) {
    seen.add(url);
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok) return url;
    for (const [, name] of (await answer.text()).matchAll(IMPORTS)) {
      const other = new URL(name, url).href;
      const found = seen.has(other) ? null : await missing(other, seen);
      if (found) return found;
    }
    return null;
  }

  async function cause(url) {
    if (location.protocol === "file:") {
      return "Opened as a file, and so a browser loads none of its scripts: start “python -m http.server” in this folder, and open http://localhost:8000.";
    }
    if (origin === "null" && !(await canFetch(own))) {
      return "This page stands in a sandboxed frame, where it can’t load its scripts: its host must let any page read them (Access-Control-Allow-Origin: *).";
    }
    const name = ((await missing(url)) ?? url).replace(base, "");
    return `${name} could not be loaded, so a part of this page doesn’t work. The connection may be at fault, or a program that blocks scripts.`;
  }

  async function say(url) {
    if (told || !url?.startsWith(base)) return;
    told = true;
    const line = document.createElement("p");
    const again = Object.assign(document.createElement("button"), { type: "button", textContent: "Load the page again" });
    again.addEventListener("click", () => location.reload());
    line.className = "unloaded";
    line.setAttribute("role", "alert");
    line.append(await cause(url), " ", again);
    if (document.readyState === "loading") await new Promise((resolve) => addEventListener("DOMContentLoaded", resolve));
    document.body.prepend(line);
  }

  addEventListener("error", ({ target }) => target instanceof HTMLScriptElement && say(target.src), true);
  addEventListener("unhandledrejection", ({ reason }) => say(/module: (\S+)/.exec(reason?.message)?.[1])); // a rejected import()
  addEventListener("laam-unloaded", ({ detail }) => say(detail));
})();
