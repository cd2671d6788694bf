// The LSTM with coupled input and forget gates (Greff et al. 2017, section 3, there CIFG): what is forgotten makes room for
// what is taken in.
//
//   f, o = σ(W·[h, x] + b)      g = tanh(W·[h, x] + b)      c ← f·c + (1 − f)·g      h ← o·tanh(c)
//
// Its tiles are those of lstm.h with three gates, f g o, whose sums the registers hold all at once.

#define COUPLED_LSTM_GATES {.first = 0, .count = 3, .slots = 3, .gates = {0, 1, 2}}
static const UnrollGates coupled_lstm_gates = COUPLED_LSTM_GATES;

/// One step of `rows` batch rows and one block of hidden units.
INLINE void coupled_lstm_forward_tile(int rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  int64_t unit = block * LANES;
  float *gates = tile->gates ? tile->gates + block * 3 * LANES : 0;
  const Fetch fetches[FETCHES] = {
      {gates, m->gates_row * 4, gates ? 3 * LANES * 4 / LINE_BYTES : 0},
      {tile->h + unit, m->h_row * 4, 1},
      {tile->c + unit, m->c_row * 4, 1},
      {gates ? tile->tanh_c + unit : 0, m->c_row * 4, gates ? 1 : 0},
  };
  Vector z[MAX_ROWS][MAX_VECTORS], activated[MAX_ROWS][MAX_VECTORS], squashed[MAX_ROWS];
  gate_sums(rows, 3, 3, m, block, tile, fetches, z);
  UNROLLED for (int r = 0; r < rows; r += 2) activate_gates(r + 1 < rows ? 2 : 1, 3, 1, z + r, activated + r);
  UNROLLED for (int r = 0; r < rows; r++) {
    Vector f = activated[r][0], g = activated[r][1], cell = g - f * g;
    if (tile->c_before) cell += f * load(tile->c_before + r * tile->c_before_row + unit);
    store(tile->c + r * m->c_row + unit, cell);
    squashed[r] = cell;
  }
  tanh_each(rows, squashed);
  UNROLLED for (int r = 0; r < rows; r++) {
    Vector h = activated[r][2] * squashed[r];
    store(tile->h + r * m->h_row + unit, h);
    if (GROUP > 1) store_elements(tile->h_elements + r * m->h_elements_row + unit, h);
    if (gates) {
      UNROLLED for (int gate = 0; gate < 3; gate++) store(gates + r * m->gates_row + gate * LANES, activated[r][gate]);
      store(tile->tanh_c + r * m->c_row + unit, squashed[r]);
    }
  }
}

STEP coupled_lstm_forward_step(int64_t rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  WITH_CONSTANT_ROWS(rows, coupled_lstm_forward_tile, m, block, tile)
}

static void coupled_lstm_forward(const UnrollForward *m, int64_t first, int64_t last) {
  forward_sequence(m, coupled_lstm_forward_step, sums_rows(3), 1, first, last);
}

/// One step back of `rows` batch rows and up to PANEL hidden units, `vectors` vectors of them real.
INLINE void coupled_lstm_backward_tile(int rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors) {
  enum { BLOCK = 3 * LANES };
  const float *c_before = tile->c_before ? tile->c_before : tile->tanh_c;
  int64_t c_before_row = tile->c_before ? tile->c_before_row : m->c_row;
  const Fetch fetches[FETCHES] = {{tile->gates, m->gates_row * 4, TILE_VECTORS * BLOCK * 4 / LINE_BYTES},
                                  {tile->tanh_c, m->c_row * 4, PANEL * 4 / LINE_BYTES},
                                  {c_before, c_before_row * 4, PANEL * 4 / LINE_BYTES},
                                  {tile->dz, m->dz_row * 2, GROUP > 1 ? TILE_VECTORS * BLOCK * 2 / LINE_BYTES : 0},
                                  {tile->dh, m->dh_row * 4, tile->dh ? PANEL * 4 / LINE_BYTES : 0}};
  Vector dh[MAX_ROWS][MAX_VECTORS];
  hidden_gradient(rows, m, &coupled_lstm_gates, tile, fetches, dh);

  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    if (v >= vectors) break;
    UNROLLED for (int r = 0; r < rows; r++) {
      int64_t at = v * LANES;
      const float *gates = tile->gates + r * m->gates_row + v * BLOCK;
      Element *dz = tile->dz + r * m->dz_row + v * BLOCK;
      float *dc_carried = tile->carried + r * tile->padded + at;
      Vector f = load(gates), g = load(gates + LANES), o = load(gates + 2 * LANES);
      Vector squashed = load(tile->tanh_c + r * m->c_row + at);
      Vector c_before = tile->c_before ? load(tile->c_before + r * tile->c_before_row + at) : splat(0);
      Vector dh_here = with_outer_gradient(m, tile, r, v, dh[r][v]);
      Vector dc = dh_here * o * (splat(1.0f) - squashed * squashed);
      if (!tile->ends) dc += load(dc_carried);
      if (tile->dc_final) dc += load(tile->dc_final + r * tile->padded + at);

      store(dc_carried, dc * f);
      store_elements(dz, dc * (c_before - g) * f * (splat(1.0f) - f));
      store_elements(dz + LANES, dc * (splat(1.0f) - f) * (splat(1.0f) - g * g));
      store_elements(dz + 2 * LANES, dh_here * squashed * o * (splat(1.0f) - o));
    }
  }
}

STEP coupled_lstm_backward_step(int64_t rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors) {
  WITH_CONSTANT_ROWS(rows, coupled_lstm_backward_tile, m, tile, vectors)
}

static void coupled_lstm_backward(const UnrollBackward *m, int64_t first, int64_t last) {
  backward_sequence(m, &coupled_lstm_gates, coupled_lstm_backward_step, TILE_VECTORS, 0, first, last);
}
