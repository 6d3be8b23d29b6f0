// Runs once when the atlas's gr.HTML is on the page. Gradio hands over `element` and `trigger`.
// The content was escaped by its template, assets/measure/atlas.html; it is fetched when the section comes into view.
const section = element.querySelector(".atlas");
const content = section.querySelector(".content");
const home = new URL(element.closest("gradio-app")?.getAttribute("src") || "", document.baseURI); // another site's page may embed it

async function fill() {
  const answer = await fetch(new URL("atlas", home));
  const html = answer.ok ? await answer.text() : "";
  if (!html) {
    section.hidden = true;
    return;
  }
  content.innerHTML = html;
  content.setAttribute("aria-busy", "false");
  sort(content.querySelector('.files [data-sort="3"]')); // the best first
  content.querySelector("input[type=search]").addEventListener("input", (event) => find(event.target.value));
}

function find(words) {
  const wanted = words.trim().toLowerCase().split(/\s+/);
  let shown = 0;
  const all = content.querySelectorAll(".files tbody tr");
  for (const row of all) {
    row.hidden = !wanted.every((word) => row.dataset.find.includes(word));
    if (!row.hidden) shown++;
  }
  content.querySelector(".shown").textContent = `${shown} of ${all.length} files`;
}

// A name is sorted upwards first, a number downwards; a second click turns the order.
function sort(button) {
  const head = button.closest("th");
  const column = Number(button.dataset.sort);
  const body = head.closest("table").tBodies[0];
  const before = head.getAttribute("aria-sort");
  const upwards = before ? before === "descending" : column === 0;
  for (const other of head.parentElement.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", upwards ? "ascending" : "descending");
  const value = (row) => row.children[column].dataset.value;
  const compare = column === 0 ? (a, b) => (value(a) < value(b) ? -1 : 1) : (a, b) => value(a) - value(b);
  const rows = [...body.rows].sort((a, b) => (upwards ? compare(a, b) : compare(b, a)));
  body.append(...rows);
}

section.addEventListener("click", (event) => {
  const sorter = event.target.closest("[data-sort]");
  if (sorter) sort(sorter);
  const path = event.target.closest("[data-path]")?.dataset.path;
  if (!path || event.ctrlKey || event.metaKey || event.shiftKey) return; // a link may be opened in another tab
  event.preventDefault();
  trigger("click", { name: path }); // Gradio takes what has a `path` for an uploaded file
  document.querySelector("#path").scrollIntoView({ block: "start" });
});

new IntersectionObserver((entries, observer) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  observer.disconnect();
  fill();
}, { rootMargin: "400px" }).observe(section);
