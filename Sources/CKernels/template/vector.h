// Vectors of LANES floats and the nonlinearities on them.
//
// Largest errors, in units of the last place of the exact result, over grids of millions of floats
// (NonlinearityTests.swift asserts them for every instruction set):
//   eˣ       1.2  for −70 ≤ x ≤ 0; below, at most 2⁻¹²⁶ off
//   sigmoid  2.6  for |x| ≤ 87; at x < −87 it stays at 1.6e-38
//   tanh     2.6  everywhere
//   ln x     0.9  for whole x from 1 to 5000

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

typedef float Vector __attribute__((ext_vector_type(LANES)));
typedef int32_t IntVector __attribute__((ext_vector_type(LANES)));
/// The same in memory, where nothing promises more than a float's alignment.
typedef float MemoryVector __attribute__((ext_vector_type(LANES), aligned(4)));

/// 0, 1, 2, …
INLINE IntVector lane_numbers(void) {
  IntVector numbers;
  UNROLLED for (int i = 0; i < LANES; i++) numbers[i] = i;
  return numbers;
}

INLINE Vector load(const float *p) { return *(const MemoryVector *)p; }
INLINE void store(float *p, Vector v) { *(MemoryVector *)p = v; }

#if LANES == 16

INLINE __mmask16 first_lanes(int64_t count) { return count >= 16 ? 0xffff : count <= 0 ? 0 : (__mmask16)((1 << count) - 1); }

/// The first `count` floats at `p`, zero behind them.
INLINE Vector load_part(const float *p, int64_t count) { return (Vector)_mm512_maskz_loadu_ps(first_lanes(count), p); }

/// Stores the first `count` floats of `v`.
INLINE void store_part(float *p, Vector v, int64_t count) { _mm512_mask_storeu_ps(p, first_lanes(count), (__m512)v); }

#else

/// The first `count` floats at `p`, zero behind them.
INLINE Vector load_part(const float *p, int64_t count) {
  if (count >= LANES) return load(p);
  float lanes[LANES] = {0};
  for (int64_t i = 0; i < count; i++) lanes[i] = p[i];
  return load(lanes);
}

/// Stores the first `count` floats of `v`.
INLINE void store_part(float *p, Vector v, int64_t count) {
  if (count >= LANES) {
    store(p, v);
    return;
  }
  float lanes[LANES];
  store(lanes, v);
  for (int64_t i = 0; i < count; i++) p[i] = lanes[i];
}

#endif

#if LANES == 16
#define LOW_LANES 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH_LANES 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LANES == 8
#define LOW_LANES 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH_LANES 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LOW_LANES 0, 4, 1, 5
#define HIGH_LANES 2, 6, 3, 7
#endif

/// Lane j of vector i and lane i of vector j change places. One pass, which weaves vector i with vector i + LANES / 2, moves
/// the highest bit of a lane's number to the end of its vector's and the other way round; as many passes as bits move all.
INLINE void transpose(Vector x[LANES]) {
  UNROLLED for (int pass = 1; pass < LANES; pass *= 2) {
    Vector woven[LANES];
    UNROLLED for (int i = 0; i < LANES / 2; i++) {
      woven[2 * i] = __builtin_shufflevector(x[i], x[i + LANES / 2], LOW_LANES);
      woven[2 * i + 1] = __builtin_shufflevector(x[i], x[i + LANES / 2], HIGH_LANES);
    }
    UNROLLED for (int i = 0; i < LANES; i++) x[i] = woven[i];
  }
}

/// Lane j of the result is all lanes of vector j, combined. The passes are those of `transpose`; what was woven together is
/// combined at once, so that each pass halves the number of vectors.
INLINE Vector reduce_each(Vector x[LANES], Vector combine(Vector, Vector)) {
  UNROLLED for (int half = LANES / 2; half > 0; half /= 2) {
    UNROLLED for (int i = 0; i < half; i++) {
      x[i] = combine(__builtin_shufflevector(x[i], x[i + half], LOW_LANES),
                     __builtin_shufflevector(x[i], x[i + half], HIGH_LANES));
    }
  }
  return x[0];
}

#undef LOW_LANES
#undef HIGH_LANES

/// How many vectors the nonlinearities take side by side at most, and the loop over them.
enum { MOST_AT_ONCE = 8 };
#define EACH UNROLLED for (int i = 0; i < count; i++)

INLINE Vector splat(float x) { return (Vector)x; }

/// The mean of `count` numbers whose sums by lane are `sums`; what is added to what does not depend on anything else.
INLINE float mean_of_lanes(Vector sums, int64_t count) {
  UNROLLED for (int half = LANES / 2; half > 0; half /= 2) {
    UNROLLED for (int i = 0; i < half; i++) sums[i] += sums[i + half];
  }
  return sums[0] / (float)count;
}

/// One over the deviation of `count` numbers, for the sums of their squares, the mean taken off, by lane.
INLINE float inverse_deviation(Vector squares, int64_t count, float epsilon) {
  return 1.0f / sqrtf(mean_of_lanes(squares, count) + epsilon);
}

// Written as comparisons and not as min/max so that NaN stays NaN: a diverged run must be seen.
INLINE Vector clamp(Vector x, float low, float high) {
  x = x < splat(low) ? splat(low) : x;
  return x > splat(high) ? splat(high) : x;
}

/// 2ⁿ for whole n from −126 to 127.
INLINE Vector power_of_two(Vector n) {
#if LANES == 16
  return (Vector)_mm512_scalef_ps((__m512)splat(1.0f), (__m512)n);
#else
  IntVector exponent = (__builtin_convertvector(n, IntVector) + 127) << 23;
  return (Vector)exponent;  // the same bits, read as floats
#endif
}

/// eˣ = 2ⁿ · (1 + r), |r| ≤ 0.42, for `count` vectors side by side: leaves r in `x`, and 2ⁿ in `power`. For −87.3 ≤ x ≤ 88.
/// r is a polynomial of degree 6 in x − n·ln 2, fitted to 0.17 units in the last place of eˣ.
///
/// Each step waits for the one before it, some 75 cycles in all; several vectors at a time fill the waiting, which a
/// processor does not find out by itself that far ahead.
INLINE void exponential_parts(int count, Vector *x, Vector *power) {
  const float magic = 12582912.0f;  // 1.5 · 2²³: adding it rounds to an integer
  Vector n[MOST_AT_ONCE], p[MOST_AT_ONCE];
  EACH n[i] = (x[i] * splat(1.44269504088896341f) + splat(magic)) - splat(magic);
  EACH x[i] = x[i] - n[i] * splat(0.693145751953125f);
  EACH x[i] = x[i] - n[i] * splat(1.42860682030941723e-6f);
  EACH p[i] = splat(1.39262134663e-3f) * x[i] + splat(8.36320297158e-3f);
  EACH p[i] = p[i] * x[i] + splat(4.16665544377e-2f);
  EACH p[i] = p[i] * x[i] + splat(1.6666576846e-1f);
  EACH p[i] = p[i] * x[i] + splat(0.5f);
  EACH power[i] = power_of_two(n[i]);
  EACH x[i] = p[i] * (x[i] * x[i]) + x[i];
}

/// eˣ for x ≤ 0; below −87 it stays at e⁻⁸⁷.
INLINE Vector exponential_of_negative(Vector x) {
  Vector power, r = clamp(x, -87.0f, 0.0f);
  exponential_parts(1, &r, &power);
  return r * power + power;
}

/// ln x = n·ln 2 + ln(1 + f) for x = 2ⁿ · (1 + f), √½ ≤ 1 + f < √2: f − f²/2 + f³ · a polynomial of degree 7, fitted to a
/// tenth of a unit in the last place. For finite x ≥ 1; a NaN stays one.
INLINE Vector logarithm(Vector x) {
  IntVector bits = (IntVector)x, exponent = (bits - 0x3f3504f3) >> 23;
  Vector f = (Vector)(bits - (exponent << 23)) - splat(1.0f), n = __builtin_convertvector(exponent, Vector);
  Vector square = f * f, p = splat(-7.634241879e-2f) * f + splat(1.276148707e-1f);
  p = p * f + splat(-1.316023618e-1f);
  p = p * f + splat(1.420177370e-1f);
  p = p * f + splat(-1.662335396e-1f);
  p = p * f + splat(2.000122666e-1f);
  p = p * f + splat(-2.500082254e-1f);
  p = p * f + splat(3.333333135e-1f);
  Vector small = (p * (f * square) + n * splat(1.42860682030941723e-6f)) - square * splat(0.5f);
  return x == x ? (f + small) + n * splat(0.693145751953125f) : x;
}

/// What sigmoid and tanh are made of: e⁻ˣ and e²ˣ, with x where both are still of use.
INLINE Vector sigmoid_exponent(Vector x) { return clamp(-x, -87.0f, 87.0f); }
INLINE Vector tanh_exponent(Vector x) { return clamp(x, -9.1f, 9.1f) * splat(2.0f); }

INLINE Vector sigmoid_from(Vector r, Vector power) { return splat(1.0f) / ((r * power + power) + splat(1.0f)); }

/// tanh x = m / (m + 2) with m = e²ˣ − 1, which keeps full relative precision near zero.
INLINE Vector tanh_from(Vector r, Vector power) {
  Vector m = r * power + (power - splat(1.0f));
  return m / (m + splat(2.0f));
}

/// In place, for `count` vectors side by side.
INLINE void sigmoid_each(int count, Vector *x) {
  Vector power[MOST_AT_ONCE];
  EACH x[i] = sigmoid_exponent(x[i]);
  exponential_parts(count, x, power);
  EACH x[i] = sigmoid_from(x[i], power[i]);
}

INLINE void tanh_each(int count, Vector *x) {
  Vector power[MOST_AT_ONCE];
  EACH x[i] = tanh_exponent(x[i]);
  exponential_parts(count, x, power);
  EACH x[i] = tanh_from(x[i], power[i]);
}

INLINE Vector relu_of(Vector x) { return x < splat(0.0f) ? splat(0.0f) : x; }

INLINE Vector sigmoid_of(Vector x) {
  sigmoid_each(1, &x);
  return x;
}

INLINE Vector tanh_of(Vector x) {
  tanh_each(1, &x);
  return x;
}
