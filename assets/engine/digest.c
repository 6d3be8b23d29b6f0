// SHA-256 (FIPS 180-4) of files and BLAKE2b (RFC 7693) with a 64-bit digest of lines, fed through one buffer. MIT.
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name))) name
enum { INPUT_BYTES = 65536 };

static uint8_t input[INPUT_BYTES];
static uint8_t block[128];  // what has not filled a block yet: SHA-256 takes 64 bytes at a time, BLAKE2b 128
static uint32_t held;
static uint64_t length;
static uint32_t s[8];  // the state of SHA-256
static uint64_t b[8];  // the state of BLAKE2b

uint8_t *EXPORT(digest_input)(void) { return input; }
uint32_t EXPORT(digest_input_bytes)(void) { return INPUT_BYTES; }

static void clear(void) {
  held = 0;
  length = 0;
  for (int i = 0; i < 128; i++) block[i] = 0;
}

// The first 32 bits of the fractions of the cube roots of the first 64 primes
static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t right32(uint32_t a, int n) { return a >> n | a << (32 - n); }

static void sha256_block(const uint8_t *p) {
  uint32_t w[64], t[8];
  for (int i = 0; i < 16; i++) w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t s0 = right32(w[i - 15], 7) ^ right32(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = right32(w[i - 2], 17) ^ right32(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  for (int i = 0; i < 8; i++) t[i] = s[i];
  for (int i = 0; i < 64; i++) {
    uint32_t choice = (t[4] & t[5]) ^ (~t[4] & t[6]), majority = (t[0] & t[1]) ^ (t[0] & t[2]) ^ (t[1] & t[2]);
    uint32_t first = t[7] + (right32(t[4], 6) ^ right32(t[4], 11) ^ right32(t[4], 25)) + choice + K[i] + w[i];
    uint32_t second = (right32(t[0], 2) ^ right32(t[0], 13) ^ right32(t[0], 22)) + majority;
    for (int j = 7; j > 0; j--) t[j] = t[j - 1];
    t[4] += first;
    t[0] = first + second;
  }
  for (int i = 0; i < 8; i++) s[i] += t[i];
}

void EXPORT(sha256_start)(void) {
  static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  clear();
  for (int i = 0; i < 8; i++) s[i] = first[i];
}
void EXPORT(sha256_add)(uint32_t bytes) {
  length += bytes;
  for (uint32_t i = 0; i < bytes; i++) {
    block[held++] = input[i];
    if (held == 64) {
      sha256_block(block);
      held = 0;
    }
  }
}
// The digest, 32 bytes, at the start of the input buffer.
void EXPORT(sha256_end)(void) {
  uint64_t bits = length * 8;
  block[held++] = 0x80;
  if (held > 56) {
    while (held < 64) block[held++] = 0;
    sha256_block(block);
    held = 0;
  }
  while (held < 56) block[held++] = 0;
  for (int i = 0; i < 8; i++) block[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
  sha256_block(block);
  for (int i = 0; i < 32; i++) input[i] = (uint8_t)(s[i / 4] >> (24 - 8 * (i % 4)));
}

static const uint64_t IV[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                               0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
static const uint8_t SIGMA[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

static uint64_t right64(uint64_t a, int n) { return a >> n | a << (64 - n); }

static void blake2b_block(const uint8_t *p, int last) {
  uint64_t m[16], v[16];
  for (int i = 0; i < 16; i++) {
    m[i] = 0;
    for (int j = 7; j >= 0; j--) m[i] = m[i] << 8 | p[8 * i + j];
  }
  for (int i = 0; i < 8; i++) {
    v[i] = b[i];
    v[i + 8] = IV[i];
  }
  v[12] ^= length;
  if (last) v[14] = ~v[14];
  for (int round = 0; round < 12; round++) {
    const uint8_t *order = SIGMA[round % 10];
    for (int i = 0; i < 8; i++) {  // the four columns, then the four diagonals
      int turn = i / 4, n = i % 4;
      uint64_t *w = v + n, *x = v + 4 + (n + turn) % 4, *y = v + 8 + (n + 2 * turn) % 4, *z = v + 12 + (n + 3 * turn) % 4;
      *w += *x + m[order[2 * i]];
      *z = right64(*z ^ *w, 32);
      *y += *z;
      *x = right64(*x ^ *y, 24);
      *w += *x + m[order[2 * i + 1]];
      *z = right64(*z ^ *w, 16);
      *y += *z;
      *x = right64(*x ^ *y, 63);
    }
  }
  for (int i = 0; i < 8; i++) b[i] ^= v[i] ^ v[i + 8];
}

void EXPORT(blake2b_start)(void) {
  clear();
  for (int i = 0; i < 8; i++) b[i] = IV[i];
  b[0] ^= 0x01010008;  // 8 bytes of digest, no key
}
void EXPORT(blake2b_add)(uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) {
    if (held == 128) {  // a full block waits until it is known not to be the last
      blake2b_block(block, 0);
      held = 0;
    }
    block[held++] = input[i];
    length++;
  }
}
// The digest, read as a big-endian number.
uint64_t EXPORT(blake2b_end)(void) {
  while (held < 128) block[held++] = 0;
  blake2b_block(block, 1);
  return __builtin_bswap64(b[0]);
}
