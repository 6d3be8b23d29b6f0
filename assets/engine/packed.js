// Reads a packed model: the safetensors file that laam/model/pack.py writes; its docstring has the layout.
import { readTensors } from "./tensors.js";

export const FORMAT = "laam-int8-1";

// `file`: Uint8Array. Gives { config, control, weightsSha256, bits, tensors, payload, span, has, bytes, merges, rotation }: `bits` as in rounding.js,
// 0 for as shipped; `tensors`, `payload`, `span` and `has` are those of readTensors; `bytes` Uint8Array, `merges` Uint16Array and `rotation` Float64Array are copies. Throws Fault.
export function readPacked(file) {
  const { header, tensors, payload, span, has, copy } = readTensors(file, "The model file", FORMAT);
  return {
    config: header.config,
    control: header.control,
    weightsSha256: header.weights_sha256,
    bits: header.bits ?? 0,
    tensors,
    payload,
    span,
    has,
    bytes: copy("bytes"),
    merges: new Uint16Array(copy("merges").buffer),
    rotation: new Float64Array(copy("rotation").buffer),
  };
}
