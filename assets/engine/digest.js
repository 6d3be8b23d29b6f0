// Digests by the kernel (digest.c): sha256 of texts and files, and the digests by which lines are compared.

export class Digests {
  // `kernel`: the exports of engine.wasm.
  constructor(kernel) {
    this.kernel = kernel;
    this.buffer = new Uint8Array(kernel.memory.buffer, kernel.digest_input(), kernel.digest_input_bytes());
  }

  // The sha256 of a text, as UTF-8, or of bytes; in hexadecimal.
  sha256(data) {
    this.kernel.sha256_start();
    this.#feed(bytesOf(data), this.kernel.sha256_add);
    this.kernel.sha256_end();
    return Array.from(this.buffer.subarray(0, 32), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // The 64-bit BLAKE2b digest of a line with its newline, as a BigInt: what `line_digest` of laam/corpus/lines.py gives.
  line(text) {
    this.kernel.blake2b_start();
    this.#feed(bytesOf(text), this.kernel.blake2b_add);
    return BigInt.asUintN(64, this.kernel.blake2b_end());
  }

  #feed(bytes, add) {
    for (let at = 0; at < bytes.length; at += this.buffer.length) {
      const part = bytes.subarray(at, at + this.buffer.length);
      this.buffer.set(part);
      add(part.length);
    }
  }
}

function bytesOf(data) {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}
