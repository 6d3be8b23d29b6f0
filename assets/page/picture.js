// Saves an SVG of the page as PNG, in the colours and letters that it has there.
const DRAWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "font", "paint-order"];
const SCALE = 3; // pixels for each unit of the drawing

export async function savePicture(svg, name) {
  const { width, height } = svg.viewBox.baseVal;
  const image = new Image(width * SCALE, height * SCALE);
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(standalone(svg, width, height)))}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const context = canvas.getContext("2d");
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const link = Object.assign(document.createElement("a"), { href: canvas.toDataURL("image/png"), download: name });
  link.click();
}

// The drawing without the page's style sheet: each part says itself how it looks.
function standalone(svg, width, height) {
  const copy = svg.cloneNode(true);
  const copies = [copy, ...copy.querySelectorAll("*")];
  [svg, ...svg.querySelectorAll("*")].forEach((part, number) => {
    const style = getComputedStyle(part);
    for (const name of DRAWN) copies[number].style.setProperty(name, style.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width * SCALE);
  copy.setAttribute("height", height * SCALE);
  return copy;
}
