// The map by bits: a slider colours all files by what is left of them with fewer bits a weight, as it was measured before.
const group = document.querySelector(".by-bits");
const { linked, steps, files } = JSON.parse(group.querySelector("script").textContent);
const slider = group.querySelector("input");
const cells = [...document.querySelectorAll(".map a[data-path]")].map((cell) => ({
  cell, href: cell.getAttribute("href"), share: cell.style.getPropertyValue("--share"), names: cell.className, label: cell.ariaLabel, title: cell.title,
  number: cell.querySelector("i")?.textContent,
}));

const percent = (thousandths) => (thousandths >= 1000 ? "100 %" : `${(thousandths / 10).toFixed(1)} %`);

// Each cell is what the page said of it, or what is left of its file.
function colour({ cell, href, share, names, label, title, number }, at) {
  const [left, identical] = files[cell.dataset.path]?.[at] ?? [];
  cell.className = names;
  cell.setAttribute("href", href);
  cell.title = title;
  cell.style.setProperty("--share", share);
  if (label) cell.ariaLabel = label;
  if (number) cell.querySelector("i").textContent = left === undefined ? number : percent(left);
  if (left === undefined) return;
  const said = `${identical ? "identical" : percent(left)} with ${steps[at].bits} bits`;
  const shade = identical ? 5 : Math.min(4, Math.floor(left / 200));
  cell.className = names.replace(/\bs\d\b/, `s${shade}`);
  cell.classList.remove("unknown");
  cell.classList.toggle("identical", Boolean(identical));
  cell.classList.toggle("deep", left > 500);
  cell.style.setProperty("--share", `${left / 10}%`);
  if (linked) cell.setAttribute("href", `${href}${href.includes("?") ? "&" : "?"}bits=${steps[at].bits}`);
  if (title) cell.title = `${cell.dataset.path}: ${said}`;
  if (label) cell.ariaLabel = [`${cell.dataset.path}: ${said}`, ...label.split("; ").slice(1, 2)].join("; ");
}

function show() {
  const at = slider.valueAsNumber - 1;
  const said = steps[at]?.said ?? "as shipped";
  group.querySelector("output").textContent = said;
  slider.setAttribute("aria-valuetext", said);
  group.dataset.bits = steps[at]?.bits ?? "";
  for (const each of cells) colour(each, at);
}

slider.addEventListener("input", show);
group.hidden = false;
show();
