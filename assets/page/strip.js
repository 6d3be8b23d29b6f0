// A strip of ticks as a picture: a bar for each stretch of the original, as in the scrubber.
const CLASSES = { "=": "same", x: "differs", "…": "cut" };

export function strip(ticks) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${ticks.length * 4} 8`);
  svg.setAttribute("preserveAspectRatio", "none");
  const paths = { same: "", differs: "", cut: "", sealed: "" };
  [...ticks].forEach((mark, at) => {
    const kind = CLASSES[mark] || "sealed";
    paths[kind] += kind === "cut" ? `M${at * 4} 3h3v2h-3z` : `M${at * 4} 0h3v${kind === "differs" ? 4 : 8}h-3z`;
  });
  for (const [name, d] of Object.entries(paths)) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", name);
    path.setAttribute("d", d);
    svg.append(path);
  }
  svg.setAttribute("aria-hidden", "true");
  return svg;
}
