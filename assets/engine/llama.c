// A Llama-shaped decoder for wasm32 with SIMD, without a C library. MIT.
//
// Weights are int8 with a float scale for each row. As shipped, activations become int8 with a scale for each token before each product:
// the arithmetic of CTranslate2's int8. With weights of fewer bits (`in_float`) they stay floats: what such a model writes is that of
// its weights, and of no other rounding. Several tokens are run at once, each a *row* at a position of a *lane*; a lane is one prompt
// under way and has a key-value cache of its own. Everything here is plain IEEE arithmetic in a fixed order, so every machine
// writes the same text.
//
// Shapes in comments: [rows, dim] is row-major; D hidden size, Q = heads × head size, K = key-value heads × head size,
// F width of the MLP, V vocabulary, W window.
#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name))) name
#define UNROLL _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))

typedef struct {
  int32_t vocab, dim, layers, heads, kv_heads, head_dim, ffn, window, lanes, rows, in_float;
  float eps;
} Config;
typedef struct {
  const int8_t *weight;  // [out, in]
  const float *scale;    // [out]
  int32_t out, in;
} Matrix;
typedef struct {
  const float *attention_norm, *mlp_norm;  // [D]
  Matrix q, k, v, o, gate, up, down;
  float *keys, *values;  // [lanes, W, K]
} Layer;

extern uint8_t __heap_base;
static uint32_t heap;
static Config c;
static int32_t q_dim, kv_dim;
static Layer *layers;
static Matrix embedding, head;           // [V, D]; the same weights where the model ties them
static const float *final_norm;          // [D]
static const float *cosines, *sines;     // [W, head size / 2]
static float *x, *h, *q, *k, *v, *gate, *up;  // [rows, ·]
static float *logits;                    // [lanes, V]
static float *scores;                    // [W]
static int16_t *quantized;               // [rows, widest]: int8 values in int16, which is what the dot product takes
static float *quantized_scale;           // [rows]
static const float *floats;              // [rows, ·]: what the next products are of, if it isn't quantized

// Memory that is never given back; 0 where there is not enough.
void *EXPORT(alloc)(uint32_t size) {
  uint64_t start = ((uint64_t)(heap ? heap : (uint32_t)(uintptr_t)&__heap_base) + 63) & ~63ull, end = start + size;
  uint64_t pages = (end + 65535) >> 16, have = __builtin_wasm_memory_size(0);
  if (pages > 65536 || (pages > have && __builtin_wasm_memory_grow(0, pages - have) == (uint32_t)-1)) return 0;
  heap = (uint32_t)end;
  return (void *)(uintptr_t)start;
}

static int32_t enough;  // whether every alloc of `init` was met
static void *take(uint64_t count, uint32_t size) {
  void *at = count * size >> 32 ? 0 : alloc((uint32_t)(count * size));
  if (!at) enough = 0;
  return at;
}

static const uint32_t *addresses;
#define NEXT(type) ((const type *)(uintptr_t)*addresses++)
static Matrix matrix(int32_t out, int32_t in) {
  const int8_t *weight = NEXT(int8_t);
  return (Matrix){weight, NEXT(float), out, in};
}

// Takes the model's shape and the addresses of its tensors, in this order: final norm, cosines, sines, embedding, head; then for
// each layer both norms, q, k, v, o, gate, up, down. A matrix is two addresses, weights and scales. Returns 0 where memory is short.
int32_t EXPORT(init)(const Config *config, const uint32_t *table) {
  c = *config;
  addresses = table;
  enough = 1;
  q_dim = c.heads * c.head_dim;
  kv_dim = c.kv_heads * c.head_dim;
  layers = take(c.layers, sizeof(Layer));
  if (!layers) return 0;
  final_norm = NEXT(float);
  cosines = NEXT(float);
  sines = NEXT(float);
  embedding = matrix(c.vocab, c.dim);
  head = matrix(c.vocab, c.dim);
  for (Layer *l = layers; l < layers + c.layers; l++) {
    l->attention_norm = NEXT(float);
    l->mlp_norm = NEXT(float);
    l->q = matrix(q_dim, c.dim);
    l->k = matrix(kv_dim, c.dim);
    l->v = matrix(kv_dim, c.dim);
    l->o = matrix(c.dim, q_dim);
    l->gate = matrix(c.ffn, c.dim);
    l->up = matrix(c.ffn, c.dim);
    l->down = matrix(c.dim, c.ffn);
    l->keys = take((uint64_t)c.lanes * c.window * kv_dim, 4);
    l->values = take((uint64_t)c.lanes * c.window * kv_dim, 4);
  }
  uint64_t widest = c.dim > q_dim ? c.dim : q_dim;
  if (c.ffn > (int32_t)widest) widest = c.ffn;
  x = take((uint64_t)c.rows * c.dim, 4);
  h = take(c.rows * widest, 4);
  q = take((uint64_t)c.rows * q_dim, 4);
  k = take((uint64_t)c.rows * kv_dim, 4);
  v = take((uint64_t)c.rows * kv_dim, 4);
  gate = take((uint64_t)c.rows * c.ffn, 4);
  up = take((uint64_t)c.rows * c.ffn, 4);
  logits = take((uint64_t)c.lanes * c.vocab, 4);
  scores = take(c.window, 4);
  quantized = take(c.rows * widest, 2);
  quantized_scale = take(c.rows, 4);
  return enough;
}

// e^a as 2^(a / ln 2): the whole part goes into the exponent, the rest through a polynomial; relative error below 2e-7.
INLINE float exponential(float a) {
  if (a < -87) return 0;
  if (a > 88) a = 88;
  float power = a * 1.44269504f, whole = __builtin_rintf(power), f = (power - whole) * 0.69314718f;
  float p = 1 + f * (1 + f * (0.5f + f * (0.16666667f + f * (0.041666667f + f * (0.0083333333f + f * 0.0013888889f)))));
  union { int32_t bits; float value; } two = {((int32_t)whole + 127) << 23};
  return p * two.value;
}
INLINE float sum_f32(v128_t a) {
  return wasm_f32x4_extract_lane(a, 0) + wasm_f32x4_extract_lane(a, 1) + wasm_f32x4_extract_lane(a, 2) + wasm_f32x4_extract_lane(a, 3);
}
INLINE int32_t sum_i32(v128_t a) {
  return wasm_i32x4_extract_lane(a, 0) + wasm_i32x4_extract_lane(a, 1) + wasm_i32x4_extract_lane(a, 2) + wasm_i32x4_extract_lane(a, 3);
}

// to = from ÷ its root mean square × weight, for each of `rows` rows. [rows, D] → [rows, D]
static void normalise(float *to, const float *from, const float *weight, int32_t rows) {
  for (int32_t r = 0; r < rows; r++, to += c.dim, from += c.dim) {
    v128_t squares = wasm_f32x4_splat(0);
    for (int32_t i = 0; i < c.dim; i += 4) {
      v128_t a = wasm_v128_load(from + i);
      squares = wasm_f32x4_add(squares, wasm_f32x4_mul(a, a));
    }
    v128_t unit = wasm_f32x4_splat(1 / __builtin_sqrtf(sum_f32(squares) / c.dim + c.eps));
    for (int32_t i = 0; i < c.dim; i += 4)
      wasm_v128_store(to + i, wasm_f32x4_mul(wasm_f32x4_mul(wasm_v128_load(from + i), unit), wasm_v128_load(weight + i)));
  }
}

// Rows of floats into `quantized`, the largest value of each as ±127; as they are, into `floats`, if products are of floats. [rows, in]
static void quantize(const float *from, int32_t in, int32_t rows) {
  int16_t *to = quantized;
  floats = from;
  if (c.in_float) return;
  for (int32_t r = 0; r < rows; r++, from += in, to += in) {
    v128_t largest = wasm_f32x4_splat(0);
    for (int32_t i = 0; i < in; i += 4) largest = wasm_f32x4_pmax(largest, wasm_f32x4_abs(wasm_v128_load(from + i)));
    float most = 0, lanes[4];
    wasm_v128_store(lanes, largest);
    for (int32_t i = 0; i < 4; i++) most = lanes[i] > most ? lanes[i] : most;
    float scale = most > 0 ? 127 / most : 1;
    v128_t by = wasm_f32x4_splat(scale);
    for (int32_t i = 0; i < in; i += 8) {
      v128_t low = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(wasm_v128_load(from + i), by)));
      v128_t high = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(wasm_f32x4_mul(wasm_v128_load(from + i + 4), by)));
      wasm_v128_store(to + i, wasm_i16x8_narrow_i32x4(low, high));
    }
    quantized_scale[r] = 1 / scale;
  }
}

// Outputs o and o + 1 of `rows` rows from `first` on. `rows` and `add` are constants wherever this is inlined: the sums stay in registers.
INLINE void multiply_block(float *to, const Matrix *m, int32_t o, int32_t first, int32_t rows, int32_t add) {
  int32_t in = m->in, pair = o + 1 < m->out;
  const int8_t *w0 = m->weight + o * in, *w1 = pair ? w0 + in : w0;
  const int16_t *a = quantized + first * in;
  v128_t sums[4][2];
  UNROLL for (int32_t r = 0; r < rows; r++) sums[r][0] = sums[r][1] = wasm_i32x4_splat(0);
  for (int32_t i = 0; i < in; i += 8) {
    v128_t b0 = wasm_i16x8_load8x8(w0 + i), b1 = wasm_i16x8_load8x8(w1 + i);
    UNROLL for (int32_t r = 0; r < rows; r++) {
      v128_t b = wasm_v128_load(a + r * in + i);
      sums[r][0] = wasm_i32x4_add(sums[r][0], wasm_i32x4_dot_i16x8(b, b0));
      sums[r][1] = wasm_i32x4_add(sums[r][1], wasm_i32x4_dot_i16x8(b, b1));
    }
  }
  UNROLL for (int32_t r = 0; r < rows; r++) {
    float *t = to + (first + r) * m->out + o, scale = quantized_scale[first + r];
    float y0 = sum_i32(sums[r][0]) * m->scale[o] * scale;
    t[0] = add ? t[0] + y0 : y0;
    if (!pair) continue;
    float y1 = sum_i32(sums[r][1]) * m->scale[o + 1] * scale;
    t[1] = add ? t[1] + y1 : y1;
  }
}
// The same of floats, and of one output: each weight is its whole number times its row's scale, rounded as a float32.
INLINE void multiply_floats(float *to, const Matrix *m, int32_t o, int32_t first, int32_t rows, int32_t add) {
  int32_t in = m->in;
  const int8_t *w = m->weight + o * in;
  const float *a = floats + first * in;
  v128_t scale = wasm_f32x4_splat(m->scale[o]), sums[4];
  UNROLL for (int32_t r = 0; r < rows; r++) sums[r] = wasm_f32x4_splat(0);
  for (int32_t i = 0; i < in; i += 8) {
    v128_t whole = wasm_i16x8_load8x8(w + i);
    v128_t low = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(whole)), scale);
    v128_t high = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(whole)), scale);
    UNROLL for (int32_t r = 0; r < rows; r++) {
      sums[r] = wasm_f32x4_add(sums[r], wasm_f32x4_mul(wasm_v128_load(a + r * in + i), low));
      sums[r] = wasm_f32x4_add(sums[r], wasm_f32x4_mul(wasm_v128_load(a + r * in + i + 4), high));
    }
  }
  UNROLL for (int32_t r = 0; r < rows; r++) {
    float *t = to + (first + r) * m->out + o, y = sum_f32(sums[r]);
    *t = add ? *t + y : y;
  }
}
// to = (or +=) quantized (or floats) · weightᵀ. [rows, in] → [rows, out]. Four rows at a time, so that a weight is read once for four tokens.
INLINE void multiply_rows(float *to, const Matrix *m, int32_t rows, int32_t add) {
  int32_t r;
  for (int32_t o = 0; c.in_float && o < m->out; o++) {
    for (r = 0; r + 4 <= rows; r += 4) multiply_floats(to, m, o, r, 4, add);
    for (; r < rows; r++) multiply_floats(to, m, o, r, 1, add);
  }
  for (int32_t o = 0; !c.in_float && o < m->out; o += 2) {
    for (r = 0; r + 4 <= rows; r += 4) multiply_block(to, m, o, r, 4, add);
    for (; r < rows; r++) multiply_block(to, m, o, r, 1, add);
  }
}
static void multiply(float *to, const Matrix *m, int32_t rows) { multiply_rows(to, m, rows, 0); }
static void multiply_add(float *to, const Matrix *m, int32_t rows) { multiply_rows(to, m, rows, 1); }

// Rotary position: the halves of each head as the two parts of complex numbers. [heads, head size], in place
static void rotate(float *a, int32_t heads, int32_t position) {
  int32_t half = c.head_dim / 2;
  const float *cosine = cosines + position * half, *sine = sines + position * half;
  for (int32_t j = 0; j < heads; j++, a += c.head_dim)
    for (int32_t i = 0; i < half; i++) {
      float first = a[i], second = a[i + half];
      a[i] = first * cosine[i] - second * sine[i];
      a[i + half] = second * cosine[i] + first * sine[i];
    }
}

// One token's attention over positions 0 to `position` of its lane. query, to [heads, head size]; keys, values [W, K]
static void attend(float *to, const float *query, const float *keys, const float *values, int32_t position) {
  int32_t share = c.heads / c.kv_heads, size = c.head_dim;
  float unit = 1 / __builtin_sqrtf((float)size);
  for (int32_t j = 0; j < c.heads; j++, query += size, to += size) {
    const float *key = keys + j / share * size, *value = values + j / share * size;
    float most = -1e30f, total = 0;
    for (int32_t p = 0; p <= position; p++) {
      v128_t s = wasm_f32x4_splat(0);
      for (int32_t i = 0; i < size; i += 4)
        s = wasm_f32x4_add(s, wasm_f32x4_mul(wasm_v128_load(query + i), wasm_v128_load(key + p * kv_dim + i)));
      scores[p] = sum_f32(s) * unit;
      if (scores[p] > most) most = scores[p];
    }
    for (int32_t i = 0; i < size; i += 4) wasm_v128_store(to + i, wasm_f32x4_splat(0));
    for (int32_t p = 0; p <= position; p++) {
      float weight = exponential(scores[p] - most);
      total += weight;
      v128_t w = wasm_f32x4_splat(weight);
      for (int32_t i = 0; i < size; i += 4)
        wasm_v128_store(to + i, wasm_f32x4_add(wasm_v128_load(to + i), wasm_f32x4_mul(w, wasm_v128_load(value + p * kv_dim + i))));
    }
    v128_t by = wasm_f32x4_splat(1 / total);
    for (int32_t i = 0; i < size; i += 4) wasm_v128_store(to + i, wasm_f32x4_mul(wasm_v128_load(to + i), by));
  }
}

// x += attention(x), through the layer's cache. [rows, D]
static void attention(const Layer *l, const int32_t *position, const int32_t *lane, int32_t rows) {
  normalise(h, x, l->attention_norm, rows);
  quantize(h, c.dim, rows);
  multiply(q, &l->q, rows);
  multiply(k, &l->k, rows);
  multiply(v, &l->v, rows);
  for (int32_t r = 0; r < rows; r++) {
    rotate(q + r * q_dim, c.heads, position[r]);
    rotate(k + r * kv_dim, c.kv_heads, position[r]);
    int32_t at = (lane[r] * c.window + position[r]) * kv_dim;
    for (int32_t i = 0; i < kv_dim; i += 4) {
      wasm_v128_store(l->keys + at + i, wasm_v128_load(k + r * kv_dim + i));
      wasm_v128_store(l->values + at + i, wasm_v128_load(v + r * kv_dim + i));
    }
  }
  for (int32_t r = 0; r < rows; r++) {  // after all keys are in their places: rows of one lane may follow one another
    int32_t at = lane[r] * c.window * kv_dim;
    attend(h + r * q_dim, q + r * q_dim, l->keys + at, l->values + at, position[r]);
  }
  quantize(h, q_dim, rows);
  multiply_add(x, &l->o, rows);
}

// x += down(silu(gate(x)) × up(x)). [rows, D]
static void mlp(const Layer *l, int32_t rows) {
  normalise(h, x, l->mlp_norm, rows);
  quantize(h, c.dim, rows);
  multiply(gate, &l->gate, rows);
  multiply(up, &l->up, rows);
  for (int32_t i = 0; i < rows * c.ffn; i++) gate[i] = gate[i] / (1 + exponential(-gate[i])) * up[i];
  quantize(gate, c.ffn, rows);
  multiply_add(x, &l->down, rows);
}

// Runs `rows` tokens. The first `wanted` of them, at most one for a lane, get logits, and their likeliest next ids go to `best`.
// token, position, lane [rows]; best [wanted]
void EXPORT(forward)(const int32_t *token, const int32_t *position, const int32_t *lane, int32_t rows, int32_t wanted, int32_t *best) {
  for (int32_t r = 0; r < rows; r++) {
    const int8_t *from = embedding.weight + token[r] * c.dim;
    for (int32_t i = 0; i < c.dim; i++) x[r * c.dim + i] = from[i] * embedding.scale[token[r]];
  }
  for (const Layer *l = layers; l < layers + c.layers; l++) {
    attention(l, position, lane, rows);
    mlp(l, rows);
  }
  normalise(h, x, final_norm, wanted);
  quantize(h, c.dim, wanted);
  multiply(logits, &head, wanted);
  for (int32_t r = 0; r < wanted; r++) {
    const float *row = logits + r * c.vocab;
    best[r] = 0;
    for (int32_t i = 1; i < c.vocab; i++)
      if (row[i] > row[best[r]]) best[r] = i;
  }
}

// The logits of wanted row `row` as weights to draw by: e^((logit − largest) ÷ temperature), in place. Returns their address. [V]
float *EXPORT(weights_of)(int32_t row, int32_t best, float temperature) {
  float *weights = logits + row * c.vocab, largest = weights[best];
  for (int32_t i = 0; i < c.vocab; i++) weights[i] = exponential((weights[i] - largest) / temperature);
  return weights;
}
