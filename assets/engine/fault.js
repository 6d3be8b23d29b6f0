// What went wrong, as one sentence for the visitor. Every error that the engine reports is one of these.
export class Fault extends Error {}

export const TOO_LITTLE_MEMORY = "This device has too little free memory for the model; close other pages and try again.";

// A sentence for any error: faults have their own, everything else is told as it is.
export function sentence(error) {
  if (error instanceof Fault) return error.message;
  if (error instanceof RangeError) return TOO_LITTLE_MEMORY; // what an allocation that fails throws
  return `The model stopped: ${error?.message || error}.`;
}
