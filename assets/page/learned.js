// How the model learned: the map of its files fills pass by pass, by the slider or played.
const SECONDS = 8; // of the whole training
const number = (value) => Number(value).toLocaleString("en");

function begin(learned) {
  const curve = JSON.parse(learned.dataset.curve);
  const boxes = [...learned.querySelectorAll("rect")].map((box) => [box, Number(box.dataset.since)]);
  const [button, slider, status] = ["button", "input", "[role=status]"].map((name) => learned.querySelector(name));
  let began = 0; // when it was played from its first pass, in milliseconds; 0 while it isn't

  function show() {
    const pass = slider.valueAsNumber;
    let whole = 0;
    for (const [box, since] of boxes) whole += box.classList.toggle("whole", since > 0 && since <= pass);
    slider.setAttribute("aria-valuetext", `pass ${pass}, ${number(whole)} files whole`);
    status.textContent =
      `After pass ${number(pass)} of ${number(curve.length)}: ${number(whole)} of ${number(boxes.length)} files whole for good, ` +
      `${number(curve[pass - 1])} of ${number(learned.dataset.segments)} segments exact.`;
  }

  function stop() {
    began = 0;
    button.textContent = "Play";
    status.removeAttribute("aria-live");
  }

  function step(now) {
    if (!began) return;
    const pass = Math.min(curve.length, 1 + Math.floor(((now - began) / (1000 * SECONDS)) * curve.length));
    if (pass === curve.length) stop(); // what is said last is said aloud
    slider.value = pass;
    show();
    requestAnimationFrame(step);
  }

  button.addEventListener("click", () => {
    if (began) return stop();
    button.textContent = "Stop";
    status.setAttribute("aria-live", "off");
    began = performance.now();
    requestAnimationFrame(step);
  });
  slider.addEventListener("input", () => {
    stop();
    show();
  });
  button.hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
  learned.querySelector(".keys").hidden = false;
  show();
}

const learned = document.querySelector(".learned");
if (learned) begin(learned);
