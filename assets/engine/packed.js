// Reads a packed model: the safetensors file that laam/twin/pack.py writes; its docstring has the layout.
import { Fault } from "./fault.js";

const FORMAT = "laam-int8-1";
const SIZES = { F64: 8, F32: 4, U16: 2, U8: 1, I8: 1 };

// `file`: Uint8Array. Gives { config, control, weightsSha256, payload, span, bytes, merges }: `payload` is everything behind the
// header, as a view; `span(name)` where a tensor lies in it, as [start, end], and `has(name)` whether it does; `bytes` Uint8Array,
// `merges` Uint16Array and `rotation` Float64Array are copies. Throws Fault.
export function readPacked(file) {
  let header, tensors, start;
  try {
    start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
    tensors = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
    header = JSON.parse(tensors.__metadata__.laam);
  } catch {
    throw new Fault("The model file is damaged: its header can't be read.");
  }
  if (header.format !== FORMAT) throw new Fault(`The model file is of another make (${header.format}); this page reads ${FORMAT}.`);
  const payload = file.subarray(start);
  const span = (name) => {
    const tensor = tensors[name];
    const [from, to] = tensor?.data_offsets ?? [];
    if (!(to <= payload.length) || from % SIZES[tensor.dtype]) throw new Fault(`The model file is damaged: ${name} is not whole.`);
    return [from, to];
  };
  const copy = (name) => payload.slice(...span(name));
  return {
    config: header.config,
    control: header.control,
    weightsSha256: header.weights_sha256,
    payload,
    span,
    has: (name) => name in tensors,
    bytes: copy("bytes"),
    merges: new Uint16Array(copy("merges").buffer),
    rotation: new Float64Array(copy("rotation").buffer),
  };
}
