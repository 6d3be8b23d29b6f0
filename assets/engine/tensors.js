// Reads a safetensors file that the export wrote: its header, and where each tensor lies.
import { Fault } from "./fault.js";

const SIZES = { F64: 8, U64: 8, F32: 4, U16: 2, U8: 1, I8: 1 };

// `file`: Uint8Array; `name`: what the visitor would call it; `format`: the one that is read. Gives { header, tensors, payload, span,
// has, copy }: `header` is the JSON in its metadata, `tensors` the whole of its own, `payload` everything behind it, as a view; `span(tensor)` where a tensor lies in the
// payload, as [start, end]; `has(tensor)` whether there is one; `copy(tensor)` its bytes. Throws Fault.
export function readTensors(file, name, format) {
  let header, tensors, start;
  try {
    start = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
    tensors = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
    header = JSON.parse(tensors.__metadata__.laam);
  } catch {
    throw new Fault(`${name} is damaged: its header can't be read.`);
  }
  if (header.format !== format) throw new Fault(`${name} is of another make (${header.format}); this page reads ${format}.`);
  const payload = file.subarray(start);
  const span = (tensor) => {
    const { dtype, data_offsets: [from, to] = [] } = tensors[tensor] ?? {};
    if (!(to <= payload.length) || from % SIZES[dtype]) throw new Fault(`${name} is damaged: ${tensor} is not whole.`);
    return [from, to];
  };
  return { header, tensors, payload, span, has: (tensor) => tensor in tensors, copy: (tensor) => payload.slice(...span(tensor)) };
}
