// The register tile that serves every product: it keeps rows × vectors sums in registers and walks the inner dimension,
// one broadcast of `a` and one vector of `b` per multiply-add. Each sum is one chain in the order of k, so its bits do not
// depend on the size of the tile that it was computed in.
//
// The tile reads *words* of 32 bits: in single precision a float, in bf16 a group of two bfloat16 numbers, which one
// instruction multiplies with two others and adds to a float. Apart from that instruction both are the same code.

#if GROUP == 1

typedef float Element;
typedef Vector Words;
INLINE Words splat_word(const Element *p) { return splat(*p); }
INLINE Words load_words(const Element *p) { return load(p); }
INLINE Vector multiply_add(Vector sum, Words a, Words b) { return sum + a * b; }
INLINE Element element_of(float x) { return x; }
/// Rounds a vector to elements and stores them.
INLINE void store_elements(Element *p, Vector v) { store(p, v); }

#else

typedef uint16_t Element;
typedef __bf16 Words __attribute__((vector_size(4 * LANES)));
INLINE Words splat_word(const Element *p) {
  int32_t word;
  memcpy(&word, p, sizeof word);
  return (Words)((IntVector)word);
}
INLINE Words load_words(const Element *p) {
  Words words;
  memcpy(&words, p, sizeof words);
  return words;
}
INLINE Vector multiply_add(Vector sum, Words a, Words b) { return (Vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b); }
INLINE Element element_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if (x != x) return (Element)(bits >> 16 | 0x40);
  return (Element)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);  // to the nearest, ties to even
}
INLINE void store_elements(Element *p, Vector v) {
  __m256bh rounded = _mm512_cvtneps_pbh((__m512)v);
  memcpy(p, &rounded, sizeof rounded);
}

#endif

/// E(n): a whole number of groups.
INLINE int64_t whole_groups(int64_t n) { return (n + GROUP - 1) / GROUP * GROUP; }

/// How a tile walks through its operands, in elements. `k` counts groups.
typedef struct {
  /// From one row of `a` to the next, and from one k to the next.
  int64_t a_row, a_k;
  /// From one k of `b` to the next, and from one vector to the next.
  int64_t b_k, b_vector;
} Strides;

enum { VECTOR_ELEMENTS = LANES * GROUP };

/// sums[r][v] += Σ_k a(r, k) · b(k, v). `rows` and `vectors` are constants wherever this is inlined.
INLINE void accumulate_tile(int rows, int vectors, int64_t groups, const Element *a, const Element *b, Strides by,
                            Vector sums[MAX_ROWS][MAX_VECTORS]) {
  // Unrolled further, it is no faster, and the compiler begins to keep sums on the stack.
  _Pragma("clang loop unroll(disable)") for (int64_t k = 0; k < groups; k++) {
    Words columns[MAX_VECTORS];
    UNROLLED for (int v = 0; v < vectors; v++) columns[v] = load_words(b + k * by.b_k + v * by.b_vector);
    UNROLLED for (int r = 0; r < rows; r++) {
      Words factor = splat_word(a + r * by.a_row + k * by.a_k);
      UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = multiply_add(sums[r][v], factor, columns[v]);
    }
  }
}

/// Memory that is wanted soon: from each row of a tile, `lines` cache lines.
typedef struct {
  const void *base;
  /// Bytes from one row to the next.
  int64_t row;
  int64_t lines;
} Fetch;

enum { LINE_BYTES = 64, FETCHES = 8 };

/// The same, while it fetches what is going to be read and written after it. Those lines come from far away; spread over
/// the products, waiting for them costs nothing.
INLINE void accumulate_tile_fetching(int rows, int vectors, int64_t groups, const Element *a, const Element *b, Strides by,
                                     Vector sums[MAX_ROWS][MAX_VECTORS], const Fetch fetches[FETCHES]) {
  int64_t share = groups / rows / 4 * 4;
  for (int r = 0; r < rows; r++) {
    int64_t k = r * share, end = r == rows - 1 ? groups : k + share;
    for (int64_t line = 0; k + 4 <= end; k += 4, line++) {
      UNROLLED for (int f = 0; f < FETCHES; f++) {
        const char *from = (const char *)fetches[f].base + r * fetches[f].row;
        if (line < fetches[f].lines) __builtin_prefetch(from + line * LINE_BYTES, 1);
      }
      accumulate_tile(rows, vectors, 4, a + k * by.a_k, b + k * by.b_k, by, sums);
    }
    if (k < end) accumulate_tile(rows, vectors, end - k, a + k * by.a_k, b + k * by.b_k, by, sums);
  }
}

INLINE void clear_sums(int rows, int vectors, Vector sums[MAX_ROWS][MAX_VECTORS]) {
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = splat(0);
  }
}

INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// How many of `remaining` rows the next tile takes: as equal tiles as can be, so that none is left with a row or two.
INLINE int64_t tile_rows(int64_t remaining, int64_t most) {
  int64_t tiles = (remaining + most - 1) / most;
  return (remaining + tiles - 1) / tiles;
}

/// Calls FUNCTION(rows, ...) with `rows` as a constant.
#define WITH_CONSTANT_ROWS(rows, FUNCTION, ...) \
  switch (rows) {                               \
    case 1: FUNCTION(1, __VA_ARGS__); break;    \
    case 2: FUNCTION(2, __VA_ARGS__); break;    \
    case 3: FUNCTION(3, __VA_ARGS__); break;    \
    case 4: FUNCTION(4, __VA_ARGS__); break;    \
    case 5: FUNCTION(5, __VA_ARGS__); break;    \
    default: FUNCTION(6, __VA_ARGS__); break;   \
  }

/// Columns of a panel of a packed matrix.
#define PANEL (TILE_VECTORS * LANES)

enum { PEAK_CHAINS = 12 };  // enough to hide the latency of a multiply-add, few enough for 16 registers

static float multiply_add_in_registers(int64_t rounds) {
  float factors[LANES], total = 0;
  for (int i = 0; i < LANES; i++) factors[i] = 0.001f * (float)i;
  Vector sums[PEAK_CHAINS];
  Words factor = load_words((const Element *)factors);
  UNROLLED for (int i = 0; i < PEAK_CHAINS; i++) sums[i] = splat((float)i);
  for (int64_t round = 0; round < rounds; round++) {
    UNROLLED for (int i = 0; i < PEAK_CHAINS; i++) sums[i] = multiply_add(sums[i], factor, factor);
  }
  UNROLLED for (int i = 0; i < PEAK_CHAINS; i++) total += sums[i][0];
  return total;
}
