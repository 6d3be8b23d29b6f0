// The lab: an archive with files dropped, beside the model. Sizes come measured with the page; only the slider is here.
import { savePicture } from "./picture.js";

const PACKERS = ["gz", "xz"]; // the columns of a step, after percent, files and characters
const number = (value) => value.toLocaleString("en");
const percent = (share) => (share >= 1 ? "100 %" : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`);

function begin(lab) {
  const { steps, files, characters, most } = lab.dataset;
  const measured = JSON.parse(steps);
  const slider = lab.querySelector("input[type=range]");
  const order = () => lab.querySelector("input[name=lab-order]:checked").value;

  function show() {
    const [dropped, kept, left, ...sizes] = measured[order()].find(([percent]) => percent === slider.valueAsNumber);
    const share = left / characters;
    const given = { whole: `${number(kept)} of ${number(Number(files))}`, share: percent(share) };
    lab.querySelector("output").textContent = `${dropped} %`;
    slider.setAttribute("aria-valuetext", `${dropped} %, ${number(files - kept)} files dropped`);
    PACKERS.forEach((packer, index) => {
      const row = lab.querySelector(`[data-packer="${packer}"]`);
      row.querySelector(".bytes").textContent = number(sizes[index]);
      row.querySelector("i").style.width = `${(100 * sizes[index]) / most}%`;
      for (const [name, text] of Object.entries(given)) row.querySelector(`.${name}`).textContent = text;
    });
    const model = lab.querySelector("[data-share]");
    const than = model && Number(model.dataset.share);
    const compared = `${share < than ? "less than" : share > than ? "more than" : "as much as"} ${model?.dataset.model} does`;
    lab.querySelector(".said").textContent =
      `With ${number(files - kept)} of ${number(Number(files))} files dropped, the archive gives back ${given.share} of the characters` +
      (model ? `: ${compared}.` : ".");
  }

  lab.addEventListener("input", show);
  lab.querySelector("[data-percent]")?.addEventListener("click", (event) => {
    slider.value = event.target.dataset.percent;
    show();
  });
  show();
}

const lab = document.querySelector(".lab");
if (lab) begin(lab);

for (const button of document.querySelectorAll(".lossy .save")) {
  button.hidden = false;
  button.addEventListener("click", () => savePicture(button.closest("figure").querySelector("svg"), button.dataset.name));
}
