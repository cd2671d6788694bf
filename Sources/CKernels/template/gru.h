// The gated recurrent unit (Cho et al. 2014) in PyTorch's form, with the reset gate after the product:
//
//   r, z = σ(W·[h, x] + b)      q = U_n·h + b_q      n = tanh(W_n·x + b_n + r·q)      h ← (1 − z)·n + z·h
//
// Slots are n r z q, so that the three products with the input are neighbours (n r z), and so are the three with the hidden
// state (r z q).

#define GRU_RECURRENT_GATES {.first = 1, .count = 3, .slots = 4, .gates = {0, 1, 2}}
#define GRU_INPUT_GATES {.first = 0, .count = 3, .slots = 4, .gates = {2, 0, 1}}
#define GRU_BIAS_GATES {.first = 0, .count = 4, .slots = 4, .gates = {2, 0, 1, 3}}
static const UnrollGates gru_recurrent_gates = GRU_RECURRENT_GATES;

/// Rows × 3 vectors of sums, and a vector of each row's q besides, have to fit the registers.
enum { GRU_ROWS = TILE_VECTORS == 4 ? 6 : 4 };

/// One step of `rows` batch rows and one block of hidden units.
INLINE void gru_forward_tile(int rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  int64_t gates_at = block * 4 * LANES, unit = block * LANES;
  const float *bias = m->bias + gates_at;
  float *gates = tile->gates ? tile->gates + gates_at : 0;
  const Fetch fetches[FETCHES] = {{gates, m->gates_row * 4, gates ? 4 * LANES * 4 / LINE_BYTES : 0},
                                  {tile->h + unit, m->h_row * 4, 1}};
  const Element *w = (const Element *)m->weights +
                     block * (whole_groups(m->hidden) + whole_groups(m->inputs)) * 3 * LANES;
  Strides by = {tile->h_before_elements_row, GROUP, 3 * VECTOR_ELEMENTS, VECTOR_ELEMENTS};

  Vector of_hidden[MAX_ROWS][MAX_VECTORS], sums[MAX_ROWS][MAX_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < 3; v++) of_hidden[r][v] = load(bias + (1 + v) * LANES);
  }
  int64_t groups = whole_groups(m->hidden) / GROUP;
  if (tile->h_before_elements) {
    accumulate_tile_fetching(rows, 3, groups, tile->h_before_elements, w, by, of_hidden, fetches);
  }
  w += groups * by.b_k;
  by.a_row = m->x_row;
  UNROLLED for (int r = 0; r < rows; r++) {
    sums[r][0] = load(bias);
    sums[r][1] = of_hidden[r][0];
    sums[r][2] = of_hidden[r][1];
  }
  accumulate_tile(rows, 3, whole_groups(m->inputs) / GROUP, tile->x, w, by, sums);

  Vector reset[MAX_ROWS], update[MAX_ROWS], n[MAX_ROWS];
  UNROLLED for (int r = 0; r < rows; r++) {
    reset[r] = sums[r][1];
    update[r] = sums[r][2];
  }
  sigmoid_each(rows, reset);
  UNROLLED for (int r = 0; r < rows; r++) n[r] = sums[r][0] + reset[r] * of_hidden[r][2];
  sigmoid_each(rows, update);
  tanh_each(rows, n);
  UNROLLED for (int r = 0; r < rows; r++) {
    Vector h = n[r] - update[r] * n[r];
    if (tile->h_before) h += update[r] * load(tile->h_before + r * tile->h_before_row + unit);
    store(tile->h + r * m->h_row + unit, h);
    if (GROUP > 1) store_elements(tile->h_elements + r * m->h_elements_row + unit, h);
    if (gates) {
      float *saved = gates + r * m->gates_row;
      store(saved, n[r]);
      store(saved + LANES, reset[r]);
      store(saved + 2 * LANES, update[r]);
      store(saved + 3 * LANES, of_hidden[r][2]);
    }
  }
}

STEP gru_forward_step(int64_t rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  WITH_CONSTANT_ROWS(rows, gru_forward_tile, m, block, tile)
}

static void gru_forward(const UnrollForward *m, int64_t first, int64_t last) {
  forward_sequence(m, gru_forward_step, GRU_ROWS, 1, first, last);
}

/// One step back of `rows` batch rows and up to PANEL hidden units, `vectors` vectors of them real.
INLINE void gru_backward_tile(int rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors) {
  enum { BLOCK = 4 * LANES };
  const Fetch fetches[FETCHES] = {{tile->gates, m->gates_row * 4, TILE_VECTORS * BLOCK * 4 / LINE_BYTES},
                                  {tile->h_before, tile->h_before_row * 4, tile->h_before ? PANEL * 4 / LINE_BYTES : 0},
                                  {tile->dz, m->dz_row * 2, GROUP > 1 ? TILE_VECTORS * BLOCK * 2 / LINE_BYTES : 0},
                                  {tile->dh, m->dh_row * 4, tile->dh ? PANEL * 4 / LINE_BYTES : 0}};
  Vector dh[MAX_ROWS][MAX_VECTORS];
  hidden_gradient(rows, m, &gru_recurrent_gates, tile, fetches, dh);

  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    if (v >= vectors) break;
    UNROLLED for (int r = 0; r < rows; r++) {
      const float *gates = tile->gates + r * m->gates_row + v * BLOCK;
      Element *dz = tile->dz + r * m->dz_row + v * BLOCK;
      float *carried = tile->carried + r * tile->padded + v * LANES;
      Vector n = load(gates), reset = load(gates + LANES), update = load(gates + 2 * LANES), q = load(gates + 3 * LANES);
      Vector h_before = tile->h_before ? load(tile->h_before + r * tile->h_before_row + v * LANES) : splat(0);
      Vector dh_here = with_outer_gradient(m, tile, r, v, dh[r][v]);
      if (!tile->ends) dh_here += load(carried);
      Vector dn = dh_here * (splat(1.0f) - update) * (splat(1.0f) - n * n);

      store(carried, dh_here * update);
      store_elements(dz, dn);
      store_elements(dz + LANES, dn * q * reset * (splat(1.0f) - reset));
      store_elements(dz + 2 * LANES, dh_here * (h_before - n) * update * (splat(1.0f) - update));
      store_elements(dz + 3 * LANES, dn * reset);
    }
  }
}

STEP gru_backward_step(int64_t rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors) {
  WITH_CONSTANT_ROWS(rows, gru_backward_tile, m, tile, vectors)
}

static void gru_backward(const UnrollBackward *m, int64_t first, int64_t last) {
  backward_sequence(m, &gru_recurrent_gates, gru_backward_step, TILE_VECTORS, 1, first, last);
}
