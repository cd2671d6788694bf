// Products of any two matrices, in single precision.

/// The vectors of a panel that has `width` columns left to hold.
INLINE int64_t panel_vectors(int64_t width) { return width <= LANES ? 1 : width <= 2 * LANES ? 2 : TILE_VECTORS; }

static void pack(int64_t k_count, int64_t n, UnrollMatrix b, float *packed, int64_t first, int64_t last) {
  for (int64_t panel = first; panel < last; panel++) {
    int64_t width = n - panel * PANEL, whole = panel_vectors(width) * LANES;
    for (int64_t k = 0; k < k_count; k++) {
      float *out = packed + panel * k_count * PANEL + k * whole;
      const float *in = b.base + k * b.row + panel * PANEL * b.column;
      if (b.column == 1) {
        for (int64_t j = 0; j < whole; j += LANES) store(out + j, load_part(in + j, width - j));
        continue;
      }
      for (int64_t j = 0; j < whole; j++) out[j] = j < width ? in[j * b.column] : 0;
    }
  }
}

/// A tile of c = a · b + bias, `vectors` · LANES ≥ `width` columns.
INLINE void multiply_tile(int rows, int vectors, int64_t k_count, const float *a, int64_t a_row, int64_t a_column,
                          const float *b, int64_t b_row, float *c, int64_t c_row, int64_t width, const float *bias) {
  Vector sums[MAX_ROWS][MAX_VECTORS];
  UNROLLED for (int v = 0; v < vectors; v++) {
    Vector start = bias ? load_part(bias + v * LANES, width - v * LANES) : splat(0);
    UNROLLED for (int r = 0; r < rows; r++) sums[r][v] = start;
  }
  accumulate_tile(rows, vectors, k_count, a, b, (Strides){a_row, a_column, b_row ? b_row : vectors * LANES, LANES}, sums);
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < vectors; v++) store_part(c + r * c_row + v * LANES, sums[r][v], width - v * LANES);
  }
}

/// Calls the tile with as few vectors as hold the columns.
INLINE void multiply_columns(int rows, int64_t k_count, const float *a, int64_t a_row, int64_t a_column, const float *b,
                             int64_t b_row, float *c, int64_t c_row, int64_t width, const float *bias) {
  int64_t vectors = panel_vectors(width);
  if (vectors == 1) {
    multiply_tile(rows, 1, k_count, a, a_row, a_column, b, b_row, c, c_row, width, bias);
  } else if (vectors == 2) {
    multiply_tile(rows, 2, k_count, a, a_row, a_column, b, b_row, c, c_row, width, bias);
  } else {
    multiply_tile(rows, TILE_VECTORS, k_count, a, a_row, a_column, b, b_row, c, c_row, width, bias);
  }
}

static void multiply(int64_t n, int64_t k_count, UnrollMatrix a, const float *b, int64_t b_row, const float *bias, float *c,
                     int64_t c_row, int64_t first, int64_t last) {
  for (int64_t j = 0; j < n; j += PANEL) {
    const float *columns = b + (b_row ? j : j * k_count), *start = bias ? bias + j : 0;
    int64_t rows;
    for (int64_t i = first; i < last; i += rows) {
      rows = tile_rows(last - i, TILE_ROWS);
      WITH_CONSTANT_ROWS(rows, multiply_columns, k_count, a.base + i * a.row, a.row, a.column, columns, b_row,
                         c + i * c_row + j, c_row, n - j, start)
    }
  }
}
