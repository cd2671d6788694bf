// Gates side by side: how weights are packed for products with them, and how the sums that are their gradients are formed
// and unpacked. `UnrollGates` in CKernels.h says what stands where.

INLINE int64_t unit_blocks(int64_t hidden) { return (hidden + LANES - 1) / LANES; }

/// Elements from one block of hidden units to the next in an interleaved row.
INLINE int64_t block_stride(const UnrollGates *gates) { return gates->slots * LANES; }

// Packing ----------------------------------------------------------------------------------------------------------

static void to_elements(int64_t rows, int64_t count, const float *x, int64_t x_row, void *out, int64_t out_row) {
  for (int64_t r = 0; r < rows; r++) {
    const float *in = x + r * x_row;
    Element *to = (Element *)out + r * out_row;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) store_elements(to + i, load(in + i));
    for (; i < count; i++) to[i] = element_of(in[i]);
    for (; i < whole_groups(count); i++) to[i] = 0;
  }
}

/// Brings as many rows together as a group has elements: out[r / 2][i] = the group of in(r, i) and in(r + 1, i), of which a
/// missing last one is zero. In single precision, a copy.
#if GROUP == 1

INLINE void group_rows(int64_t rows, int64_t columns, const Element *in, int64_t in_row, Element *out, int64_t out_columns) {
  for (int64_t r = 0; r < rows; r++) memcpy(out + r * out_columns, in + r * in_row, (size_t)columns * sizeof(Element));
}

#else

typedef uint16_t HalfVector __attribute__((ext_vector_type(LANES), aligned(2)));

INLINE void group_rows(int64_t rows, int64_t columns, const Element *in, int64_t in_row, Element *out, int64_t out_columns) {
  for (int64_t r = 0; r < rows; r += 2, in += 2 * in_row, out += 2 * out_columns) {
    int64_t i = 0;
    for (; r + 1 < rows && i + LANES <= columns; i += LANES) {
      IntVector low = __builtin_convertvector(*(const HalfVector *)(in + i), IntVector);
      IntVector high = __builtin_convertvector(*(const HalfVector *)(in + in_row + i), IntVector);
      low |= high << 16;
      memcpy(out + 2 * i, &low, sizeof low);
    }
    for (; i < columns; i++) {
      out[2 * i] = in[i];
      out[2 * i + 1] = r + 1 < rows ? in[in_row + i] : 0;
    }
  }
}

#endif

static void pack_gates(UnrollGates gates, int64_t hidden, int64_t k_count, const float *w, int64_t w_row, void *packed,
                       int64_t stride, int64_t first, int64_t last) {
  for (int64_t block = first; block < last; block++) {
    int64_t unit = block * LANES, real = smaller(LANES, hidden - unit);
    for (int64_t slot = 0; slot < gates.count; slot++) {
      const float *rows = w + (gates.gates[slot] * hidden + unit) * w_row;
      Element *out = (Element *)packed + block * stride + slot * VECTOR_ELEMENTS;
      for (int64_t k = 0; k < k_count; k += VECTOR_ELEMENTS) {
        // As many groups of each lane's row as a vector holds, then a group of each lane's row in turn.
        Element lanes[LANES][VECTOR_ELEMENTS] = {{0}};
        int64_t columns = smaller(VECTOR_ELEMENTS, k_count - k);
        to_elements(real, columns, rows + k, w_row, lanes, VECTOR_ELEMENTS);
        Vector groups[LANES];
        memcpy(groups, lanes, sizeof groups);
        transpose(groups);
        for (int64_t i = 0; i * GROUP < columns; i++) {
          memcpy(out + (k + i * GROUP) * gates.count * LANES, &groups[i], sizeof(Vector));
        }
      }
    }
  }
}

static void pack_transposed_gates(UnrollGates gates, int64_t hidden, int64_t n, const float *w, int64_t w_row, void *packed,
                                  int64_t first, int64_t last) {
  int64_t k_count = unit_blocks(hidden) * gates.count * LANES;
  for (int64_t panel = first; panel < last; panel++) {
    int64_t width = smaller(PANEL, n - panel * PANEL);
    for (int64_t k = 0; k < k_count; k += GROUP) {
      Element rows[GROUP][PANEL] = {{0}};
      UNROLLED for (int64_t i = 0; i < GROUP; i++) {
        int64_t vector = (k + i) / LANES, unit = vector / gates.count * LANES + (k + i) % LANES;
        const float *row = w + (gates.gates[vector % gates.count] * hidden + unit) * w_row + panel * PANEL;
        if (unit < hidden) to_elements(1, width, row, 0, rows[i], 0);
      }
      group_rows(GROUP, PANEL, rows[0], PANEL, (Element *)packed + (panel * k_count + k) * PANEL, PANEL);
    }
  }
}

// Products with the gates of interleaved rows ----------------------------------------------------------------------

/// sums += the gates of `rows` interleaved rows (`dz` at the first of the gates' slots) · one panel of packed weights,
/// fetching meanwhile what `fetches` names.
INLINE void accumulate_gates(int rows, const UnrollGates *gates, int64_t hidden, const Element *dz, int64_t dz_row,
                             const Element *packed, Vector sums[MAX_ROWS][MAX_VECTORS], const Fetch fetches[FETCHES]) {
  Strides by = {dz_row, GROUP, PANEL * GROUP, VECTOR_ELEMENTS};
  int64_t blocks = unit_blocks(hidden), run = gates->count * LANES;
  if (gates->count == gates->slots) {
    accumulate_tile_fetching(rows, TILE_VECTORS, blocks * run / GROUP, dz, packed, by, sums, fetches);
    return;
  }
  // Slots that are not gates lie between: one run per block. The first run fetches.
  accumulate_tile_fetching(rows, TILE_VECTORS, run / GROUP, dz, packed, by, sums, fetches);
  for (int64_t block = 1; block < blocks; block++) {
    accumulate_tile(rows, TILE_VECTORS, run / GROUP, dz + block * block_stride(gates), packed + block * run * PANEL, by,
                    sums);
  }
}

INLINE void multiply_gates_tile(int rows, const UnrollGates *gates, int64_t hidden, const Element *dz, int64_t dz_row,
                                const Element *packed, float *c, int64_t c_row, int64_t width) {
  Vector sums[MAX_ROWS][MAX_VECTORS];
  const Fetch none[FETCHES] = {{0}};
  clear_sums(rows, TILE_VECTORS, sums);
  accumulate_gates(rows, gates, hidden, dz, dz_row, packed, sums, none);
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
      store_part(c + r * c_row + v * LANES, sums[r][v], width - v * LANES);
    }
  }
}

static void multiply_gates(UnrollGates gates, int64_t hidden, int64_t n, const void *dz, int64_t dz_row,
                           const void *packed, float *c, int64_t c_row, int64_t first, int64_t last) {
  int64_t k_count = unit_blocks(hidden) * gates.count * LANES;
  for (int64_t j = 0; j < n; j += PANEL) {
    int64_t rows;
    for (int64_t i = first; i < last; i += rows) {
      rows = tile_rows(last - i, TILE_ROWS);
      WITH_CONSTANT_ROWS(rows, multiply_gates_tile, &gates, hidden, (const Element *)dz + i * dz_row + gates.first * LANES,
                         dz_row, (const Element *)packed + j * k_count, c + i * c_row + j, c_row, n - j)
    }
  }
}

// Gradients of the weights -----------------------------------------------------------------------------------------

/// Vectors in a panel of sums: of three gates all three, else whole panels, which are whole or even parts of a block.
INLINE int sums_vectors(const UnrollGates *gates) { return gates->count == 3 ? 3 : TILE_VECTORS; }

/// Rows of a tile of sums: those of a panel of three vectors, where the registers are few, have to be fewer.
INLINE int64_t sums_rows(int vectors) { return vectors > TILE_VECTORS ? 4 : TILE_ROWS; }

static int64_t sums_panel(UnrollGates gates) { return sums_vectors(&gates) * LANES; }

/// A tile of out += aᵀ · b for `rows` columns of a, over `groups` of rows of both. Meanwhile a line of each of as many rows
/// from `fetch` on, `fetch_row` bytes apart, is fetched, if that is not NULL.
INLINE void accumulate_transposed_tile(int rows, int vectors, int64_t groups, const Element *a, const Element *b, Strides by,
                                       float *out, int64_t out_row, const char *fetch, int64_t fetch_row) {
  Vector sums[MAX_ROWS][MAX_VECTORS];
  UNROLLED for (int i = 0; i < rows; i++) {
    UNROLLED for (int v = 0; v < vectors; v++) sums[i][v] = load(out + i * out_row + v * LANES);
  }
  int64_t k = 0;
  if (fetch) {
    for (; k + 4 <= groups; k += 4) {
      UNROLLED for (int i = 0; i < 4 * GROUP; i++) __builtin_prefetch(fetch + (k * GROUP + i) * fetch_row);
      accumulate_tile(rows, vectors, 4, a + k * by.a_k, b + k * by.b_k, by, sums);
    }
  }
  if (k < groups) accumulate_tile(rows, vectors, groups - k, a + k * by.a_k, b + k * by.b_k, by, sums);
  UNROLLED for (int i = 0; i < rows; i++) {
    UNROLLED for (int v = 0; v < vectors; v++) store(out + i * out_row + v * LANES, sums[i][v]);
  }
}

/// Calls the tile with the number of vectors as a constant too.
INLINE void accumulate_transposed_columns(int rows, int vectors, int64_t groups, const Element *a, const Element *b,
                                          Strides by, float *out, int64_t out_row, const char *fetch, int64_t fetch_row) {
#define OF_VECTORS(count) \
  case count: accumulate_transposed_tile(rows, count, groups, a, b, by, out, out_row, fetch, fetch_row); break;
  switch (vectors) {
    OF_VECTORS(1)
    OF_VECTORS(2)
    OF_VECTORS(3)
#if TILE_VECTORS == 4
    OF_VECTORS(4)
#endif
  }
#undef OF_VECTORS
}

/// Rows that are summed before going on to the next columns of a: this many of a panel fit the first-level cache. Columns
/// of a that are taken together. And bytes of sums that go through all rows before the next: these fit the second level.
enum { ROWS_PER_CHUNK = 64 * GROUP, COLUMNS_PER_CHUNK = 256, BYTES_OF_SUMS = 512 * 1024 };

/// The sums over one chunk of rows for `columns` columns of a and some panels: `a`, `dz` and `out` are at the first of them.
/// `next` is how many elements of dz lie between this chunk and the one to be fetched meanwhile; 0: none.
INLINE void accumulate_chunk(UnrollGates gates, int64_t hidden, int64_t count, int64_t columns, const Element *a,
                             int64_t a_row, const Element *dz, int64_t dz_row, int64_t next, float *out,
                             int64_t out_panel, int64_t first, int64_t last) {
  int64_t in_all = unit_blocks(hidden) * gates.count, per_panel = sums_vectors(&gates), panel_floats = per_panel * LANES;
  int64_t groups = (count + GROUP - 1) / GROUP;
#if GROUP == 2
  Element a_groups[ROWS_PER_CHUNK * COLUMNS_PER_CHUNK], dz_groups[ROWS_PER_CHUNK * PANEL];
  group_rows(count, columns, a, a_row, a_groups, columns);
  a = a_groups;
#endif
  for (int64_t panel = first; panel < last; panel++) {
    int64_t vector = panel * per_panel;
    int vectors = (int)smaller(per_panel, in_all - vector);
    const Element *dz_chunk = dz + vector / gates.count * block_stride(&gates) +
                              (gates.first + vector % gates.count) * LANES;
    // The first tiles fetch a line of each row per tile.
    const char *fetched = (const char *)(dz_chunk + next);
    int64_t lines = next ? vectors * LANES * (int64_t)sizeof(Element) / LINE_BYTES : 0, line = 0, tile;
    Strides by = {1, a_row, dz_row, LANES};
#if GROUP == 2
    group_rows(count, vectors * LANES, dz_chunk, dz_row, dz_groups, vectors * LANES);
    dz_chunk = dz_groups;
    by = (Strides){GROUP, columns * GROUP, vectors * VECTOR_ELEMENTS, VECTOR_ELEMENTS};
#endif
    for (int64_t i = 0; i < columns; i += tile, line++) {
      tile = tile_rows(columns - i, sums_rows(vectors));
      WITH_CONSTANT_ROWS(tile, accumulate_transposed_columns, vectors, groups, a + i * by.a_row, dz_chunk, by,
                         out + panel * out_panel + i * panel_floats, panel_floats,
                         line < lines ? fetched + line * LINE_BYTES : 0, dz_row * (int64_t)sizeof(Element))
    }
  }
}

/// The sums over all rows, for some columns of a and some panels, as `accumulate_chunk`.
INLINE void accumulate_rows(UnrollGates gates, int64_t hidden, int64_t columns, UnrollRows rows, const Element *a,
                            const Element *dz, float *out, int64_t out_panel, int64_t first, int64_t last) {
  for (int64_t run = 0; run < rows.runs; run++) {
    for (int64_t r = 0; r < rows.count; r += ROWS_PER_CHUNK) {
      int64_t next = 0;
      if (r + 2 * ROWS_PER_CHUNK <= rows.count) {
        next = ROWS_PER_CHUNK * rows.dz_row;
      } else if (rows.count <= ROWS_PER_CHUNK && run + 1 < rows.runs) {
        next = rows.dz_run;
      }
      accumulate_chunk(gates, hidden, smaller(ROWS_PER_CHUNK, rows.count - r), columns,
                       a + run * rows.a_run + r * rows.a_row, rows.a_row, dz + run * rows.dz_run + r * rows.dz_row,
                       rows.dz_row, next, out, out_panel, first, last);
    }
  }
}

static void accumulate_transposed(UnrollGates gates, int64_t hidden, int64_t k_count, UnrollRows rows, const void *a,
                                  const void *dz, float *out, int64_t out_panel, int64_t first, int64_t last) {
  int64_t panel_floats = sums_panel(gates);
  for (int64_t k = 0; k < k_count; k += COLUMNS_PER_CHUNK) {
    int64_t columns = smaller(COLUMNS_PER_CHUNK, k_count - k);
    int64_t panels = BYTES_OF_SUMS / (columns * panel_floats * (int64_t)sizeof(float));
    for (int64_t panel = first; panel < last; panel += panels) {
      accumulate_rows(gates, hidden, columns, rows, (const Element *)a + k, dz, out + k * panel_floats, out_panel, panel,
                      smaller(panel + panels, last));
    }
  }
}

#if GROUP == 1
// Biases and sums are floats in every precision.

static void pack_bias(UnrollGates gates, int64_t hidden, const float *bias, float *packed) {
  for (int64_t block = 0; block < unit_blocks(hidden); block++) {
    for (int64_t slot = 0; slot < gates.count; slot++) {
      for (int64_t lane = 0; lane < LANES; lane++) {
        int64_t unit = block * LANES + lane;
        packed[block * block_stride(&gates) + slot * LANES + lane] = unit < hidden ? bias[gates.gates[slot] * hidden + unit] : 0;
      }
    }
  }
}

static void unpack_gradient(UnrollGates gates, int64_t hidden, int64_t k_count, const float *sums, const float *more,
                            int64_t panel, int64_t panel_stride, float *out, int64_t out_row, int64_t first, int64_t last) {
  for (int64_t vector = first * gates.count; vector < last * gates.count; vector++) {
    int64_t unit = vector / gates.count * LANES, real = smaller(LANES, hidden - unit);
    int64_t at = vector * LANES / panel * panel_stride + vector * LANES % panel;
    float *rows = out + (gates.gates[vector % gates.count] * hidden + unit) * out_row;
    for (int64_t k = 0; k < k_count; k += LANES) {
      int64_t columns = smaller(LANES, k_count - k);
      Vector lanes[LANES];
      for (int64_t i = 0; i < LANES; i++) {
        int64_t from = at + (k + smaller(i, columns - 1)) * panel;
        lanes[i] = load(sums + from);
        if (more) lanes[i] += load(more + from);
      }
      transpose(lanes);
      for (int64_t i = 0; i < real; i++) store_part(rows + i * out_row + k, lanes[i], columns);
    }
  }
}
#endif
