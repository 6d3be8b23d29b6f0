// Fewer bits: a packed model with the weights that laam/model/lossy.py rounds the shipped ones to, bit for bit. From int8 alone some would
// come out on the wrong side; which ones, a second file says: see laam/model/pack_rounding.py.
import { FORMAT as PACKED } from "./packed.js";
import { readTensors } from "./tensors.js";

const FORMAT = "laam-rounding-1";
const MOST = 127; // of the packed weights

// `file`: a packed model, `rounding`: the file that belongs to it, both Uint8Array; `bits`: 2 to 8. Gives another packed model: its
// weights are the whole numbers from -(2^(bits-1) - 1) up, its scales those of fewer bits, and it says its bits. Throws Fault.
export function roundedModel(file, rounding, bits) {
  const { header, tensors, payload: shipped, span, has } = readTensors(file, "The model file", PACKED);
  const { copy } = readTensors(rounding, "The file for fewer bits", FORMAT);
  const payload = shipped.slice();
  const round = rounder(bits);
  for (const name of Object.keys(tensors).filter((each) => has(`${each}.scale`))) {
    const [from, to] = span(name);
    const sides = copy(name);
    for (let at = from; at < to; at++) payload[at] = round(payload[at], sides[at - from]);
    const largest = new Float32Array(copy(`${name}.largest`).buffer);
    payload.set(new Uint8Array(largest.map((most) => most / levels(bits)).buffer), span(`${name}.scale`)[0]);
  }
  const metadata = { ...tensors.__metadata__, laam: JSON.stringify({ ...header, bits }) };
  return joined(new TextEncoder().encode(JSON.stringify({ ...tensors, __metadata__: metadata })), payload);
}

function levels(bits) {
  return 2 ** (bits - 1) - 1;
}

// A function that gives the whole number of a weight, as a byte, from its int8, as a byte, and its side, as that module has it.
function rounder(bits) {
  if (levels(bits) === MOST) return (weight, side) => weight + (side >> 6) - 1;
  const table = new Int8Array(512);
  for (let weight = -MOST; weight <= MOST; weight++) {
    const exact = (weight * levels(bits)) / MOST;
    const near = Math.round(exact); // it never lies halfway
    const other = near > exact ? near - 1 : near + 1;
    table.set([near, other], 2 * (weight & 255));
  }
  return (weight, side) => table[2 * weight + ((side >> (bits - 2)) & 1)];
}

// A safetensors file of its header and payload.
function joined(header, payload) {
  const file = new Uint8Array(8 + header.length + payload.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(payload, 8 + header.length);
  return file;
}
