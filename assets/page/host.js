// A site that frames the embed. WordPress frames what it doesn't know with `sandbox="allow-scripts"` and a secret in the fragment, and
// follows two messages that hold it (its wp-embed.js). Any other site may have forbidden that a frame opens a page.
const LEAST_HEIGHT = 480; // pixels

/** How to speak to WordPress; null in any other place. */
export function wordPress(view = window) {
  const secret = new URLSearchParams(view.location.hash.replace(/^#\??/, "")).get("secret");
  if (!secret || view.parent === view) return null;
  return (message, value) => view.parent.postMessage({ message, value, secret }, "*");
}

/** Let a link of the embed lead out of the frame: by WordPress, by itself, or, if nothing opens, by its address as text. */
export function openExhibit(link, view = window) {
  const say = wordPress(view);
  if (say) say("height", Math.max(LEAST_HEIGHT, view.document.documentElement.scrollHeight));
  link.addEventListener("click", (event) => {
    if (!say && view.origin !== "null") return; // it has an origin, so nobody forbade it
    event.preventDefault();
    if (say) say("link", link.href);
    else if (!opens(link.href, view)) link.textContent = link.href;
  });
}

function opens(address, view) {
  const page = view.open(address, "_blank"); // with "noopener" it would give null even if a page opens
  if (page) page.opener = null;
  return Boolean(page);
}
