// The map of all files: their cells, and the table below it. A file that is chosen is written on the front page, by the model whose map it is.
const section = document.querySelector(".atlas");
const content = section.querySelector(".content");

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

// What is said of the cell that is pointed at, tapped, or gone to by keyboard.
function point(cell) {
  const map = cell.closest(".map");
  for (const other of map.querySelectorAll(".cell[tabindex='0']")) other.tabIndex = -1;
  cell.tabIndex = 0;
  const [name, ...said] = cell.ariaLabel.split(": ");
  const pointed = map.querySelector(".pointed");
  pointed.dataset.path = name;
  pointed.firstElementChild.textContent = name;
  pointed.children[1].textContent = said.join(": ");
  pointed.querySelector("[data-action=write]").hidden = false;
  const into = pointed.querySelector("[data-action=in]");
  into.hidden = map.hasAttribute("data-zoomed");
  into.firstElementChild.textContent = cell.parentElement.dataset.folder;
  return pointed;
}

function zoom(map, folder) {
  const [left, top, width, height] = folder ? folder.dataset.box.split(",").map(Number) : [0, 0, 100, 100];
  const sheet = map.querySelector(".sheet");
  const of = (share, whole) => `${(100 * share) / whole}%`;
  Object.assign(sheet.style, { left: of(-left, width), top: of(-top, height), width: of(100, width), height: of(100, height) });
  map.toggleAttribute("data-zoomed", Boolean(folder));
  map.querySelector("[data-action=out]").hidden = !folder;
  map.querySelector("[data-action=in]").hidden = true;
  for (const each of map.querySelectorAll(".inside")) each.hidden = Boolean(folder) && each !== folder;
  for (const cell of folder?.querySelectorAll(".cell:empty") || []) {
    const name = document.createElement("span");
    name.textContent = cell.dataset.path.split("/").pop();
    cell.append(name);
  }
  map.querySelector(".cell[tabindex='0']").focus({ preventScroll: true });
}

// The nearest cell in the direction of an arrow key; one that lies aside counts as further away.
function beside(cell, key) {
  const across = /Left|Right/.test(key);
  const way = /Right|Down/.test(key) ? 1 : -1;
  const middle = (node) => {
    const box = node.getBoundingClientRect();
    const at = [box.left + box.width / 2, box.top + box.height / 2];
    return across ? at : at.reverse();
  };
  const [from, aside] = middle(cell);
  let best = null;
  let least = Infinity;
  for (const other of cell.closest(".sheet").querySelectorAll(".inside:not([hidden]) .cell")) {
    const [to, beside] = middle(other);
    const ahead = (to - from) * way;
    const far = ahead + 3 * Math.abs(beside - aside);
    if (ahead > 0.5 && far < least) [best, least] = [other, far];
  }
  return best;
}

content.addEventListener("keydown", (event) => {
  const cell = event.target.closest(".cell");
  if (!cell || !event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  beside(cell, event.key)?.focus({ preventScroll: true });
});
content.addEventListener("focusin", (event) => event.target.matches(".cell") && point(event.target));
content.addEventListener("pointerover", (event) => {
  const cell = event.pointerType === "mouse" && event.target.closest(".cell");
  if (cell) point(cell);
});

let finger = false; // whether what is clicked was touched: the first touch only points
content.addEventListener("pointerdown", (event) => { finger = event.pointerType === "touch"; });

function press(button) {
  const map = button.closest(".map");
  const { action, colour } = button.dataset;
  if (colour) {
    map.dataset.colour = colour;
    for (const other of map.querySelectorAll("button[data-colour]")) other.ariaPressed = String(other === button);
  }
  if (action === "out") zoom(map, null);
  if (action === "in") zoom(map, map.querySelector(".cell[tabindex='0']").closest(".inside"));
}

section.addEventListener("click", (event) => {
  const sorter = event.target.closest("[data-sort]");
  if (sorter) sort(sorter);
  const button = event.target.closest(".map button");
  if (button && button.dataset.action !== "write") return press(button);
  const chosen = event.target.closest("[data-path]");
  const path = chosen?.dataset.path;
  if (!path || event.ctrlKey || event.metaKey || event.shiftKey) return; // a link may be opened in another tab
  if (chosen.matches(".pointed") && !button) return;
  event.preventDefault();
  if (finger && event.detail && chosen.matches(".cell")) return point(chosen);
  const bits = section.querySelector(".by-bits")?.dataset.bits;
  location.assign(`./?${new URLSearchParams({ path, model: content.dataset.model, ...(bits && { bits }) })}`.replaceAll("%2F", "/"));
});

for (const sheet of content.querySelectorAll(".sheet")) sheet.querySelector(".cell").tabIndex = 0;
sort(content.querySelector('.files [data-sort="3"]')); // the best first
content.querySelector("input[type=search]").addEventListener("input", (event) => find(event.target.value));
