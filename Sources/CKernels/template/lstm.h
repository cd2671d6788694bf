// The LSTM (Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000):
//
//   i, f, o = σ(W·[h, x] + b)      g = tanh(W·[h, x] + b)      c ← f·c + i·g      h ← o·tanh(c)
//
// With peepholes (Gers, Schraudolph & Schmidhuber 2002) i and f see p·c of the step before, unit by unit, and o sees p·c of
// this step. Their factors are the scales, in the order i f o.
//
// Forward, a register tile is a few batch rows × the four gates of LANES hidden units, so the gates meet in registers
// and the nonlinearities cost no memory traffic. Backward, a tile is a few rows × PANEL hidden units: the product of
// the next step's dz with the recurrent weights stays in registers as dh.

#define LSTM_GATES {.first = 0, .count = 4, .slots = 4, .gates = {0, 1, 2, 3}}
static const UnrollGates lstm_gates = LSTM_GATES;

enum { WITHOUT_PEEPHOLES, WITH_PEEPHOLES, PEEPHOLES = 3 };

/// One step of `rows` batch rows and one block of hidden units.
INLINE void lstm_forward_tile(int rows, int peepholes, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  int64_t gates_at = block * 4 * LANES, unit = block * LANES, padded = unit_blocks(m->hidden) * LANES;
  // What is written at the end; without saving, only the states.
  float *gates = tile->gates ? tile->gates + gates_at : 0;
  const Fetch fetches[FETCHES] = {
      {gates, m->gates_row * 4, gates ? 4 * LANES * 4 / LINE_BYTES : 0},
      {tile->h + unit, m->h_row * 4, 1},
      {tile->c + unit, m->c_row * 4, 1},
      {gates ? tile->tanh_c + unit : 0, m->c_row * 4, gates ? 1 : 0},
  };
  Vector z[MAX_ROWS][MAX_VECTORS];
  gate_sums(rows, 4, TILE_VECTORS, m, block, tile, fetches, z);

  Vector c_before[MAX_ROWS], activated[MAX_ROWS][MAX_VECTORS], squashed[MAX_ROWS];
  UNROLLED for (int r = 0; r < rows; r++) {
    c_before[r] = tile->c_before ? load(tile->c_before + r * tile->c_before_row + unit) : splat(0);
    if (!peepholes) continue;
    z[r][0] += load(m->scales + unit) * c_before[r];
    z[r][1] += load(m->scales + padded + unit) * c_before[r];
  }
  // The output gate has to wait for what it sees.
  int at_first = peepholes ? 3 : 4;
  UNROLLED for (int r = 0; r < rows; r += 2) activate_gates(r + 1 < rows ? 2 : 1, at_first, 2, z + r, activated + r);
  UNROLLED for (int r = 0; r < rows; r++) {
    Vector i = activated[r][0], f = activated[r][1], g = activated[r][2], cell = i * g;
    cell += f * c_before[r];
    store(tile->c + r * m->c_row + unit, cell);
    squashed[r] = cell;
  }
  if (peepholes) {
    Vector o[MAX_ROWS];
    UNROLLED for (int r = 0; r < rows; r++) o[r] = z[r][3] + load(m->scales + 2 * padded + unit) * squashed[r];
    sigmoid_each(rows, o);
    UNROLLED for (int r = 0; r < rows; r++) activated[r][3] = o[r];
  }
  tanh_each(rows, squashed);
  UNROLLED for (int r = 0; r < rows; r++) {
    Vector h = activated[r][3] * squashed[r];
    store(tile->h + r * m->h_row + unit, h);
    if (GROUP > 1) store_elements(tile->h_elements + r * m->h_elements_row + unit, h);
    if (gates) {
      UNROLLED for (int gate = 0; gate < 4; gate++) store(gates + r * m->gates_row + gate * LANES, activated[r][gate]);
      store(tile->tanh_c + r * m->c_row + unit, squashed[r]);
    }
  }
}

STEP lstm_forward_step(int64_t rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  WITH_CONSTANT_ROWS(rows, lstm_forward_tile, WITHOUT_PEEPHOLES, m, block, tile)
}

static void lstm_forward(const UnrollForward *m, int64_t first, int64_t last) {
  forward_sequence(m, lstm_forward_step, TILE_ROWS, 1, first, last);
}

STEP peephole_lstm_forward_step(int64_t rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  WITH_CONSTANT_ROWS(rows, lstm_forward_tile, WITH_PEEPHOLES, m, block, tile)
}

static void peephole_lstm_forward(const UnrollForward *m, int64_t first, int64_t last) {
  forward_sequence(m, peephole_lstm_forward_step, TILE_ROWS, 1, first, last);
}

/// One step back of `rows` batch rows and up to PANEL hidden units, `vectors` vectors of them real.
INLINE void lstm_backward_tile(int rows, int peepholes, const UnrollBackward *m, const BackwardTile *tile,
                               int64_t vectors) {
  enum { BLOCK = 4 * LANES };
  const float *c_before = tile->c_before ? tile->c_before : tile->tanh_c;
  int64_t c_before_row = tile->c_before ? tile->c_before_row : m->c_row;
  const Fetch fetches[FETCHES] = {{tile->gates, m->gates_row * 4, TILE_VECTORS * BLOCK * 4 / LINE_BYTES},
                                  {tile->tanh_c, m->c_row * 4, PANEL * 4 / LINE_BYTES},
                                  {c_before, c_before_row * 4, PANEL * 4 / LINE_BYTES},
                                  {tile->dz, m->dz_row * 2, GROUP > 1 ? TILE_VECTORS * BLOCK * 2 / LINE_BYTES : 0},
                                  {tile->dh, m->dh_row * 4, tile->dh ? PANEL * 4 / LINE_BYTES : 0}};
  Vector dh[MAX_ROWS][MAX_VECTORS];
  hidden_gradient(rows, m, &lstm_gates, tile, fetches, dh);

  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    if (v >= vectors) break;
    UNROLLED for (int r = 0; r < rows; r++) {
      int64_t at = v * LANES;
      const float *gates = tile->gates + r * m->gates_row + v * BLOCK;
      Element *dz = tile->dz + r * m->dz_row + v * BLOCK;
      float *dc_carried = tile->carried + r * tile->padded + at;
      Vector i = load(gates), f = load(gates + LANES), g = load(gates + 2 * LANES), o = load(gates + 3 * LANES);
      Vector squashed = load(tile->tanh_c + r * m->c_row + at);
      Vector c_before = tile->c_before ? load(tile->c_before + r * tile->c_before_row + at) : splat(0);
      Vector dh_here = with_outer_gradient(m, tile, r, v, dh[r][v]);
      Vector dc = dh_here * o * (splat(1.0f) - squashed * squashed);
      if (!tile->ends) dc += load(dc_carried);
      if (tile->dc_final) dc += load(tile->dc_final + r * tile->padded + at);
      Vector d_o = dh_here * squashed * o * (splat(1.0f) - o);
      if (peepholes) dc += d_o * load(tile->scales + 2 * tile->padded + at);
      Vector d_i = dc * g * i * (splat(1.0f) - i), d_f = dc * c_before * f * (splat(1.0f) - f);
      Vector dc_before = dc * f;
      if (peepholes) {
        dc_before += d_i * load(tile->scales + at) + d_f * load(tile->scales + tile->padded + at);
        Vector c = load(tile->c + r * m->c_row + at), seen[PEEPHOLES] = {d_i * c_before, d_f * c_before, d_o * c};
        UNROLLED for (int p = 0; p < PEEPHOLES; p++) {
          float *sum = tile->scale_gradients + r * m->scale_gradients_row + p * tile->padded + at;
          store(sum, load(sum) + seen[p]);
        }
      }

      store(dc_carried, dc_before);
      store_elements(dz, d_i);
      store_elements(dz + LANES, d_f);
      store_elements(dz + 2 * LANES, dc * i * (splat(1.0f) - g * g));
      store_elements(dz + 3 * LANES, d_o);
    }
  }
}

STEP lstm_backward_step(int64_t rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors) {
  WITH_CONSTANT_ROWS(rows, lstm_backward_tile, WITHOUT_PEEPHOLES, m, tile, vectors)
}

static void lstm_backward(const UnrollBackward *m, int64_t first, int64_t last) {
  backward_sequence(m, &lstm_gates, lstm_backward_step, TILE_VECTORS, 0, first, last);
}

STEP peephole_lstm_backward_step(int64_t rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors) {
  WITH_CONSTANT_ROWS(rows, lstm_backward_tile, WITH_PEEPHOLES, m, tile, vectors)
}

static void peephole_lstm_backward(const UnrollBackward *m, int64_t first, int64_t last) {
  backward_sequence(m, &lstm_gates, peephole_lstm_backward_step, TILE_VECTORS, 0, first, last);
}
