// The LSTM over a whole sequence (Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000):
//
//   i, f, o = σ(W·[h, x] + b)      g = tanh(W·[h, x] + b)      c ← f·c + i·g      h ← o·tanh(c)
//
// Forward, a register tile is a few batch rows × the four gates of LANES hidden units, so the gates meet in registers
// and the nonlinearities cost no memory traffic. Backward, a tile is a few rows × PANEL hidden units: the product of
// the next step's dz with the recurrent weights stays in registers as dh, and dz of this step replaces the saved gates.
// Batch rows never meet, so each thread runs its own rows through all steps without waiting for the others.

enum { GATE_BLOCK = 4 * LANES };

INLINE int64_t unit_blocks(int64_t hidden) { return (hidden + LANES - 1) / LANES; }

/// Where row `gate·H + unit` of a logical weight matrix starts, or NULL for a unit that is only padding.
INLINE const float *gate_row(UnrollMatrix w, int64_t hidden, int64_t block, int gate, int lane) {
  int64_t unit = block * LANES + lane;
  return unit < hidden ? w.base + (gate * hidden + unit) * w.row : 0;
}

/// Copies columns [0, columns) of the four gates' rows of one block to `out`, GATE_BLOCK floats for each column.
INLINE void pack_block(int64_t hidden, int64_t columns, UnrollMatrix w, int64_t block, float *out) {
  for (int gate = 0; gate < 4; gate++) {
    int64_t unit = block * LANES, real = smaller(LANES, hidden - unit);
    const float *rows = w.base + (gate * hidden + unit) * w.row;
    for (int64_t k = 0; k < columns; k++) {
      float *to = out + k * GATE_BLOCK + gate * LANES;
      for (int64_t lane = 0; lane < real; lane++) to[lane] = rows[lane * w.row + k * w.column];
      for (int64_t lane = real; lane < LANES; lane++) to[lane] = 0;
    }
  }
}

static void lstm_pack_weights(int64_t hidden, int64_t inputs, UnrollMatrix w_hh, UnrollMatrix w_ih, float *packed,
                              int64_t first, int64_t last) {
  for (int64_t block = first; block < last; block++) {
    float *out = packed + block * (hidden + inputs) * GATE_BLOCK;
    pack_block(hidden, hidden, w_hh, block, out);
    pack_block(hidden, inputs, w_ih, block, out + hidden * GATE_BLOCK);
  }
}

static void lstm_pack_bias(int64_t hidden, const float *bias, float *packed) {
  UnrollMatrix column = {bias, 1, 1};
  for (int64_t block = 0; block < unit_blocks(hidden); block++) {
    pack_block(hidden, 1, column, block, packed + block * GATE_BLOCK);
  }
}

static void pack_interleaved_rows(int64_t hidden, int64_t n, UnrollMatrix w, float *packed, int64_t first,
                                  int64_t last) {
  int64_t k_count = unit_blocks(hidden) * GATE_BLOCK;
  for (int64_t panel = first; panel < last; panel++) {
    int64_t width = smaller(PANEL, n - panel * PANEL);
    for (int64_t k = 0; k < k_count; k++) {
      float *out = packed + (panel * k_count + k) * PANEL;
      const float *row = gate_row(w, hidden, k / GATE_BLOCK, (int)(k % GATE_BLOCK / LANES), (int)(k % LANES));
      for (int64_t j = 0; j < PANEL; j++) out[j] = row && j < width ? row[(panel * PANEL + j) * w.column] : 0;
    }
  }
}

static void lstm_unpack_gradient(int64_t hidden, int64_t k_count, const float *blocks, int64_t block_stride, float *out,
                                 int64_t out_row, int64_t first, int64_t last) {
  for (int64_t column = first * PANEL; column < last * PANEL; column++) {
    int64_t unit = column / GATE_BLOCK * LANES + column % LANES, gate = column % GATE_BLOCK / LANES;
    if (unit >= hidden) continue;
    const float *in = blocks + column / PANEL * block_stride + column % PANEL;
    float *row = out + (gate * hidden + unit) * out_row;
    for (int64_t k = 0; k < k_count; k++) row[k] = in[k * PANEL];
  }
}

/// What holds for a run of consecutive batch rows at step t: tiles never mix rows that differ in it.
typedef struct {
  /// Whether t is within the row's length, and whether it is the first or the last step that the row reads.
  int valid, starts, ends;
} RowPhase;

INLINE RowPhase row_phase(const int32_t *lengths, int64_t steps, int32_t reversed, int64_t t, int64_t b) {
  int64_t top = (lengths ? lengths[b] : steps) - 1;
  RowPhase phase = {t <= top, t == (reversed ? top : 0), t == (reversed ? 0 : top)};
  return phase;
}

/// The end of the run of rows that begins at `b` and shares its phase.
INLINE int64_t run_end(const int32_t *lengths, int64_t steps, int32_t reversed, int64_t t, int64_t b, int64_t last) {
  if (!lengths) return last;
  RowPhase phase = row_phase(lengths, steps, reversed, t, b);
  for (b++; b < last; b++) {
    RowPhase other = row_phase(lengths, steps, reversed, t, b);
    if (other.valid != phase.valid || other.starts != phase.starts || other.ends != phase.ends) break;
  }
  return b;
}

INLINE void clear(float *p, int64_t count) { memset(p, 0, (size_t)count * sizeof(float)); }

// Forward ----------------------------------------------------------------------------------------------------------

/// One step of `rows` batch rows and one block of hidden units. `h_before` and `c_before` are NULL for zero states.
INLINE void lstm_forward_tile(int rows, const UnrollLSTMForward *m, int64_t block, const float *x,
                              const float *h_before, int64_t h_before_row, const float *c_before, int64_t c_before_row,
                              float *h, float *c, float *tanh_c, float *gates) {
  const float *weights = m->weights + block * (m->hidden + m->inputs) * GATE_BLOCK;
  const float *bias = m->bias + block * GATE_BLOCK;
  // What is written at the end; without saving, only the states.
  const Fetch fetches[FETCHES] = {{gates ? gates + block * GATE_BLOCK : h + block * LANES,
                                   gates ? m->gates_row : m->h_row, gates ? GATE_BLOCK * 4 / LINE_BYTES : 1},
                                  {c + block * LANES, m->c_row, 1},
                                  {gates ? tanh_c + block * LANES : c, m->c_row, gates ? 1 : 0}};
  Vector z[MAX_ROWS][4];
  // As many gates at a time as the registers hold sums for.
  UNROLLED for (int first = 0; first < 4; first += TILE_VECTORS) {
    Vector sums[MAX_ROWS][MAX_VECTORS];
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < TILE_VECTORS; v++) sums[r][v] = load(bias + (first + v) * LANES);
    }
    const float *w = weights + first * LANES;
    if (h_before) {
      accumulate_tile_fetching(rows, TILE_VECTORS, m->hidden, h_before, h_before_row, w, GATE_BLOCK, sums, fetches);
    }
    w += m->hidden * GATE_BLOCK;
    accumulate_tile(rows, TILE_VECTORS, m->inputs, x, m->x_row, 1, w, GATE_BLOCK, sums);
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < TILE_VECTORS; v++) z[r][first + v] = sums[r][v];
    }
  }

  int64_t unit = block * LANES;
  UNROLLED for (int r = 0; r < rows; r++) {
    Vector i = sigmoid_of(z[r][0]), f = sigmoid_of(z[r][1]), g = tanh_of(z[r][2]), o = sigmoid_of(z[r][3]);
    Vector cell = i * g;
    if (c_before) cell += f * load(c_before + r * c_before_row + unit);
    Vector squashed = tanh_of(cell);
    store(c + r * m->c_row + unit, cell);
    store(h + r * m->h_row + unit, o * squashed);
    if (gates) {
      float *saved = gates + r * m->gates_row + block * GATE_BLOCK;
      store(saved, i);
      store(saved + LANES, f);
      store(saved + 2 * LANES, g);
      store(saved + 3 * LANES, o);
      store(tanh_c + r * m->c_row + unit, squashed);
    }
  }
}

/// One step of the batch rows [first, last), which share `phase`.
static void lstm_forward_run(const UnrollLSTMForward *m, int64_t t, RowPhase phase, int64_t first, int64_t last) {
  int64_t blocks = unit_blocks(m->hidden), padded = blocks * LANES;
  int64_t before = m->reversed ? t + 1 : t - 1;
  const float *h_before = phase.starts ? m->h0 : m->h + before * m->h_step;
  const float *c_before = phase.starts ? m->c0 : m->c + before * m->c_step;
  int64_t h_before_row = phase.starts ? padded : m->h_row, c_before_row = phase.starts ? padded : m->c_row;

  for (int64_t block = 0; block < blocks; block++) {
    int64_t rows;
    for (int64_t b = first; b < last; b += rows) {
      rows = tile_rows(last - b, TILE_ROWS);
      int64_t c_at = t * m->c_step + b * m->c_row;
      WITH_CONSTANT_ROWS(rows, lstm_forward_tile, m, block, m->x + t * m->x_step + b * m->x_row,
                         h_before ? h_before + b * h_before_row : 0, h_before_row,
                         c_before ? c_before + b * c_before_row : 0, c_before_row, m->h + t * m->h_step + b * m->h_row,
                         m->c + c_at, m->tanh_c ? m->tanh_c + c_at : 0,
                         m->gates ? m->gates + t * m->gates_step + b * m->gates_row : 0)
    }
  }
  if (!phase.ends) return;
  size_t bytes = (size_t)padded * sizeof(float);
  for (int64_t b = first; b < last; b++) {
    if (m->h_final) memcpy(m->h_final + b * padded, m->h + t * m->h_step + b * m->h_row, bytes);
    if (m->c_final) memcpy(m->c_final + b * padded, m->c + t * m->c_step + b * m->c_row, bytes);
  }
}

static void lstm_forward(const UnrollLSTMForward *m, int64_t first, int64_t last) {
  int64_t padded = unit_blocks(m->hidden) * LANES;
  for (int64_t s = 0; s < m->steps; s++) {
    int64_t t = m->reversed ? m->steps - 1 - s : s, end;
    for (int64_t b = first; b < last; b = end) {
      end = run_end(m->lengths, m->steps, m->reversed, t, b, last);
      RowPhase phase = row_phase(m->lengths, m->steps, m->reversed, t, b);
      if (phase.valid) {
        lstm_forward_run(m, t, phase, b, end);
        continue;
      }
      for (int64_t r = b; r < end; r++) {
        clear(m->h + t * m->h_step + r * m->h_row, padded);
        if (m->c_step) clear(m->c + t * m->c_step + r * m->c_row, padded);
      }
    }
  }
}

// Backward ---------------------------------------------------------------------------------------------------------

/// Pointers to one tile of the backward pass, each at its first row and unit; NULL where there is nothing.
typedef struct {
  const float *dz_after, *weights, *dh, *dh_final, *dc_final, *c_before, *tanh_c;
  float *gates, *dc;
  int64_t c_before_row, padded;
  int starts_dc;
} BackwardTile;

/// One step back of `rows` batch rows and up to PANEL hidden units, `vectors` vectors of them real.
INLINE void lstm_backward_tile(int rows, const UnrollLSTMBackward *m, BackwardTile tile, int64_t vectors) {
  Vector dh[MAX_ROWS][MAX_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < TILE_VECTORS; v++) dh[r][v] = splat(0);
  }
  if (tile.dz_after) {
    const float *c_before = tile.c_before ? tile.c_before : tile.tanh_c;
    const Fetch fetches[FETCHES] = {{tile.gates, m->gates_row, TILE_VECTORS * GATE_BLOCK * 4 / LINE_BYTES},
                                    {tile.tanh_c, m->c_row, PANEL * 4 / LINE_BYTES},
                                    {c_before, tile.c_before ? tile.c_before_row : m->c_row, PANEL * 4 / LINE_BYTES}};
    accumulate_tile_fetching(rows, TILE_VECTORS, 4 * tile.padded, tile.dz_after, m->gates_row, tile.weights, PANEL, dh,
                             fetches);
  }

  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    if (v >= vectors) break;
    UNROLLED for (int r = 0; r < rows; r++) {
      int64_t at = v * LANES;
      float *gates = tile.gates + r * m->gates_row + v * GATE_BLOCK;
      float *dc_carried = tile.dc + r * tile.padded + at;
      Vector i = load(gates), f = load(gates + LANES), g = load(gates + 2 * LANES), o = load(gates + 3 * LANES);
      Vector squashed = load(tile.tanh_c + r * m->c_row + at);
      Vector dh_here = dh[r][v];
      if (tile.dh) dh_here += load(tile.dh + r * m->dh_row + at);
      if (tile.dh_final) dh_here += load(tile.dh_final + r * tile.padded + at);
      Vector dc = dh_here * o * (splat(1.0f) - squashed * squashed);
      if (!tile.starts_dc) dc += load(dc_carried);
      if (tile.dc_final) dc += load(tile.dc_final + r * tile.padded + at);
      Vector c_before = tile.c_before ? load(tile.c_before + r * tile.c_before_row + at) : splat(0);

      store(dc_carried, dc * f);
      store(gates, dc * g * i * (splat(1.0f) - i));
      store(gates + LANES, dc * c_before * f * (splat(1.0f) - f));
      store(gates + 2 * LANES, dc * i * (splat(1.0f) - g * g));
      store(gates + 3 * LANES, dh_here * squashed * o * (splat(1.0f) - o));
    }
  }
}

/// One step back of the batch rows [first, last), which share `phase`.
static void lstm_backward_run(const UnrollLSTMBackward *m, int64_t t, RowPhase phase, int64_t first, int64_t last) {
  int64_t blocks = unit_blocks(m->hidden), padded = blocks * LANES;
  int64_t before = m->reversed ? t + 1 : t - 1, after = m->reversed ? t - 1 : t + 1;
  const float *c_before = phase.starts ? m->c0 : m->c + before * m->c_step;
  int64_t c_before_row = phase.starts ? padded : m->c_row;

  for (int64_t block = 0; block < blocks; block += TILE_VECTORS) {
    int64_t unit = block * LANES, rows;
    for (int64_t b = first; b < last; b += rows) {
      rows = tile_rows(last - b, TILE_ROWS);
      BackwardTile tile = {
          .dz_after = phase.ends ? 0 : m->gates + after * m->gates_step + b * m->gates_row,
          .weights = m->weights + unit * 4 * padded,
          .dh = m->dh ? m->dh + t * m->dh_step + b * m->dh_row + unit : 0,
          .dh_final = phase.ends && m->dh_final ? m->dh_final + b * padded + unit : 0,
          .dc_final = phase.ends && m->dc_final ? m->dc_final + b * padded + unit : 0,
          .c_before = c_before ? c_before + b * c_before_row + unit : 0,
          .tanh_c = m->tanh_c + t * m->c_step + b * m->c_row + unit,
          .gates = m->gates + t * m->gates_step + b * m->gates_row + block * GATE_BLOCK,
          .dc = m->dc + b * padded + unit,
          .c_before_row = c_before_row,
          .padded = padded,
          .starts_dc = phase.ends,
      };
      WITH_CONSTANT_ROWS(rows, lstm_backward_tile, m, tile, blocks - block)
    }
  }
  if (!phase.starts || !m->dh0) return;
  UnrollMatrix dz = {m->gates + t * m->gates_step, m->gates_row, 1};
  multiply(padded, 4 * padded, dz, m->weights, m->dh0, padded, 0, first, last);
}

static void lstm_backward(const UnrollLSTMBackward *m, int64_t first, int64_t last) {
  int64_t padded = unit_blocks(m->hidden) * LANES;
  for (int64_t s = 0; s < m->steps; s++) {
    int64_t t = m->reversed ? s : m->steps - 1 - s, end;
    for (int64_t b = first; b < last; b = end) {
      end = run_end(m->lengths, m->steps, m->reversed, t, b, last);
      RowPhase phase = row_phase(m->lengths, m->steps, m->reversed, t, b);
      if (phase.valid) {
        lstm_backward_run(m, t, phase, b, end);
        continue;
      }
      for (int64_t r = b; r < end; r++) clear(m->gates + t * m->gates_step + r * m->gates_row, 4 * padded);
    }
  }
}
