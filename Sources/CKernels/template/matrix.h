// Products of any two matrices, in single precision.

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

/// A tile of c = a · b, `vectors` · LANES ≥ `width` columns.
INLINE void multiply_tile(int rows, int vectors, int64_t k_count, const float *a, int64_t a_row, int64_t a_column,
                          const float *b, float *c, int64_t c_row, int64_t width, int32_t accumulate) {
  Vector sums[MAX_ROWS][MAX_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < vectors; v++) {
      sums[r][v] = accumulate ? load_part(c + r * c_row + v * LANES, width - v * LANES) : splat(0);
    }
  }
  accumulate_tile(rows, vectors, k_count, a, b, (Strides){a_row, a_column, PANEL, LANES}, sums);
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < vectors; v++) store_part(c + r * c_row + v * LANES, sums[r][v], width - v * LANES);
  }
}

/// Calls the tile with as few vectors as hold the columns.
INLINE void multiply_columns(int rows, int64_t k_count, const float *a, int64_t a_row, int64_t a_column, const float *b,
                             float *c, int64_t c_row, int64_t width, int32_t accumulate) {
  if (width <= LANES) {
    multiply_tile(rows, 1, k_count, a, a_row, a_column, b, c, c_row, width, accumulate);
  } else if (width <= 2 * LANES) {
    multiply_tile(rows, 2, k_count, a, a_row, a_column, b, c, c_row, width, accumulate);
  } else {
    multiply_tile(rows, TILE_VECTORS, k_count, a, a_row, a_column, b, c, c_row, width, accumulate);
  }
}

static void multiply(int64_t n, int64_t k_count, UnrollMatrix a, const float *packed, float *c, int64_t c_row,
                     int32_t accumulate, int64_t first, int64_t last) {
  for (int64_t j = 0; j < n; j += PANEL) {
    const float *b = packed + j * k_count;
    int64_t rows;
    for (int64_t i = first; i < last; i += rows) {
      rows = tile_rows(last - i, TILE_ROWS);
      WITH_CONSTANT_ROWS(rows, multiply_columns, k_count, a.base + i * a.row, a.row, a.column, b, c + i * c_row + j,
                         c_row, n - j, accumulate)
    }
  }
}
