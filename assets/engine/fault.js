// What went wrong, as one sentence for the visitor. Every error that the engine reports is one of these.
export class Fault extends Error {}

// A sentence for any error: faults have their own, everything else is told as it is.
export function sentence(error) {
  if (error instanceof Fault) return error.message;
  if (error instanceof RangeError || error instanceof WebAssembly.RuntimeError) {
    return "The model stopped: this device has too little free memory for it.";
  }
  return `The model stopped: ${error?.message || error}.`;
}
