// Matrix products. One register tile, `accumulate_tile`, serves them all: it keeps rows × vectors sums in registers and
// walks the inner dimension, one broadcast of `a` and one vector of `b` per multiply-add. Each sum is one chain in the
// order of k, so its bits do not depend on the size of the tile that it was computed in.

#define PANEL (TILE_VECTORS * LANES)

/// sums[r][v] += Σ_k a(r, k) · b[k·b_row + v·LANES ...]. `rows` and `vectors` are constants wherever this is inlined.
INLINE void accumulate_tile(int rows, int vectors, int64_t k_count, const float *a, int64_t a_row, int64_t a_column,
                            const float *b, int64_t b_row, Vector sums[MAX_ROWS][MAX_VECTORS]) {
  for (int64_t k = 0; k < k_count; k++) {
    Vector columns[MAX_VECTORS];
    UNROLLED for (int v = 0; v < vectors; v++) columns[v] = load(b + k * b_row + v * LANES);
    UNROLLED for (int r = 0; r < rows; r++) {
      Vector factor = splat(a[r * a_row + k * a_column]);
      UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] += factor * columns[v];
    }
  }
}

/// Memory that is wanted soon: from each row of a tile, `lines` cache lines.
typedef struct {
  const void *base;
  /// Floats from one row to the next.
  int64_t row;
  int64_t lines;
} Fetch;

enum { LINE_BYTES = 64, FETCHES = 3 };

/// The same, with the columns of `a` next to each other, while it fetches what is going to be read and written after it.
/// Those lines come from far away; spread over the products, waiting for them costs nothing.
INLINE void accumulate_tile_fetching(int rows, int vectors, int64_t k_count, const float *a, int64_t a_row,
                                     const float *b, int64_t b_row, Vector sums[MAX_ROWS][MAX_VECTORS],
                                     const Fetch fetches[FETCHES]) {
  int64_t share = k_count / rows / 4 * 4;
  for (int r = 0; r < rows; r++) {
    int64_t k = r * share, end = r == rows - 1 ? k_count : k + share;
    for (int64_t line = 0; k + 4 <= end; k += 4, line++) {
      UNROLLED for (int f = 0; f < FETCHES; f++) {
        const char *from = (const char *)((const float *)fetches[f].base + r * fetches[f].row);
        if (line < fetches[f].lines) __builtin_prefetch(from + line * LINE_BYTES, 1);
      }
      accumulate_tile(rows, vectors, 4, a + k, a_row, 1, b + k * b_row, b_row, sums);
    }
    if (k < end) accumulate_tile(rows, vectors, end - k, a + k, a_row, 1, b + k * b_row, b_row, sums);
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

static void pack(int64_t k_count, int64_t n, UnrollMatrix b, float *packed, int64_t first, int64_t last) {
  for (int64_t panel = first; panel < last; panel++) {
    int64_t width = smaller(PANEL, n - panel * PANEL);
    for (int64_t k = 0; k < k_count; k++) {
      float *out = packed + (panel * k_count + k) * PANEL;
      const float *in = b.base + k * b.row + panel * PANEL * b.column;
      for (int64_t j = 0; j < width; j++) out[j] = in[j * b.column];
      for (int64_t j = width; j < PANEL; j++) out[j] = 0;
    }
  }
}

/// A tile of c = a · b, `width` ≤ PANEL columns.
INLINE void multiply_tile(int rows, int64_t k_count, const float *a, int64_t a_row, int64_t a_column, const float *b,
                          float *c, int64_t c_row, int64_t width, int32_t accumulate) {
  Vector sums[MAX_ROWS][MAX_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
      sums[r][v] = accumulate ? load_part(c + r * c_row + v * LANES, width - v * LANES) : splat(0);
    }
  }
  accumulate_tile(rows, TILE_VECTORS, k_count, a, a_row, a_column, b, PANEL, sums);
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
      if (width > v * LANES) store_part(c + r * c_row + v * LANES, sums[r][v], width - v * LANES);
    }
  }
}

static void multiply(int64_t n, int64_t k_count, UnrollMatrix a, const float *packed, float *c, int64_t c_row,
                     int32_t accumulate, int64_t first, int64_t last) {
  for (int64_t j = 0; j < n; j += PANEL) {
    const float *b = packed + j * k_count;
    int64_t rows;
    for (int64_t i = first; i < last; i += rows) {
      rows = tile_rows(last - i, TILE_ROWS);
      WITH_CONSTANT_ROWS(rows, multiply_tile, k_count, a.base + i * a.row, a.row, a.column, b, c + i * c_row + j, c_row,
                         n - j, accumulate)
    }
  }
}

/// A tile of out += aᵀ · b for `rows` columns of a. Both a and b are read row after row; meanwhile a line of each of as
/// many rows from `fetch` on is fetched, if that is not NULL.
INLINE void accumulate_transposed_tile(int rows, int64_t r_count, const float *a, int64_t a_row, const float *b,
                                       int64_t b_row, float *out, const float *fetch) {
  Vector sums[MAX_ROWS][MAX_VECTORS];
  UNROLLED for (int i = 0; i < rows; i++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) sums[i][v] = load(out + i * PANEL + v * LANES);
  }
  int64_t r = 0;
  if (fetch) {
    for (; r + 4 <= r_count; r += 4) {
      UNROLLED for (int i = 0; i < 4; i++) __builtin_prefetch(fetch + (r + i) * b_row);
      accumulate_tile(rows, TILE_VECTORS, 4, a + r * a_row, 1, a_row, b + r * b_row, b_row, sums);
    }
  }
  if (r < r_count) {
    accumulate_tile(rows, TILE_VECTORS, r_count - r, a + r * a_row, 1, a_row, b + r * b_row, b_row, sums);
  }
  UNROLLED for (int i = 0; i < rows; i++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) store(out + i * PANEL + v * LANES, sums[i][v]);
  }
}

/// Rows of b summed before going on to the next columns of a: this many of a panel fit the first-level cache.
enum { ROWS_PER_CHUNK = 64 };

static void accumulate_transposed(int64_t row_count, int64_t k_count, const float *a, int64_t a_row, const float *b,
                                  int64_t b_row, float *out, int64_t out_block, int64_t first, int64_t last) {
  for (int64_t r = 0; r < row_count; r += ROWS_PER_CHUNK) {
    for (int64_t block = first; block < last; block++) {
      int64_t chunk = smaller(ROWS_PER_CHUNK, row_count - r);
      const float *here = b + r * b_row + block * PANEL;
      // The first tiles fetch the next chunk of b, a line of each row per tile.
      int fetches = r + 2 * ROWS_PER_CHUNK <= row_count;
      int64_t rows, line = 0;
      for (int64_t k = 0; k < k_count; k += rows, line++) {
        rows = tile_rows(k_count - k, TILE_ROWS);
        const float *fetch = fetches && line < PANEL * 4 / LINE_BYTES ? here + ROWS_PER_CHUNK * b_row + line * LINE_BYTES / 4 : 0;
        WITH_CONSTANT_ROWS(rows, accumulate_transposed_tile, chunk, a + r * a_row + k, a_row, here, b_row,
                           out + block * out_block + k * PANEL, fetch)
      }
    }
  }
}

static float multiply_add_in_registers(int64_t rounds) {
  enum { CHAINS = 12 };  // enough to hide the latency of a multiply-add, few enough for 16 registers
  Vector sums[CHAINS], factor = splat(0.999f), addend = splat(0.001f), total = splat(0);
  UNROLLED for (int i = 0; i < CHAINS; i++) sums[i] = splat((float)i);
  for (int64_t round = 0; round < rounds; round++) {
    UNROLLED for (int i = 0; i < CHAINS; i++) sums[i] = sums[i] * factor + addend;
  }
  UNROLLED for (int i = 0; i < CHAINS; i++) total += sums[i];
  return total[0];
}
