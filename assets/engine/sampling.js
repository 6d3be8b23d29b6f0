// Which id comes next. Greedy is the likeliest; otherwise a draw that its seed repeats, on every machine and with any number of
// workers: each prompt of an emission draws from a generator of its own, seeded by the emission's seed and the prompt's number.

// xoshiro128** 1.1 (Blackman and Vigna, public domain), with 128 bits of state from `seed` and `stream`, both 32-bit.
export class Random {
  constructor(seed, stream) {
    this.state = Uint32Array.from([1, 2, 3, 4], (n) => mix(mix(seed + 0x9e3779b9 * n) ^ mix(stream + 0x85ebca6b * n)) | (n === 1));
  }

  // The next number in [0, 1), of 32 bits.
  next() {
    const s = this.state;
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 11);
    return result / 2 ** 32;
  }
}

function rotate(word, by) {
  return (word << by) | (word >>> (32 - by));
}

// The finaliser of MurmurHash3: every bit of the result depends on every bit of the word.
function mix(word) {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}

// An id drawn by its weight from the `topK` heaviest (0: from all). `weights`: Float32Array by id; those of the others become 0.
export function draw(weights, topK, random) {
  if (topK && topK < weights.length) keepHeaviest(weights, topK);
  const at = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  return weights.findIndex((weight) => (reached += weight) > at);
}

// Makes all but the `count` heaviest 0; of equals, it keeps the lower ids.
function keepHeaviest(weights, count) {
  const ordered = weights.slice().sort();
  const least = ordered[ordered.length - count];
  let equals = ordered.subarray(ordered.length - count).filter((weight) => weight === least).length;
  weights.forEach((weight, id) => {
    if (weight < least || (weight === least && equals-- < 1)) weights[id] = 0;
  });
}
