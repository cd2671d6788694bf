// The LSTM with layer normalization (Ba, Kiros & Hinton 2016, equations 20 to 22 of the supplement):
//
//   (i f g o) = LN(W·x + d) + LN(U·h) + b      c ← σ(f)·c + σ(i)·tanh(g)      h ← σ(o)·tanh(LN(c) + b_c)
//
// with LN(z) = gain · (z − mean) / √(variance + ε) over all that one row has: 4·H products, or H cell states. The bias d is
// what a linear layer in front leaves when it is folded into W; zero otherwise.
//
// Nothing can be activated before all products of a row are known, so a step of a few rows is two functions. Forward, the
// products go to the row's slots, which stay in the first-level cache; then a row at a time is normalized, activated and
// written. Backward, a register tile gives the gradient of the hidden state; then a row at a time goes back through the
// normalizations. Rows of the batch never meet here either.
//
// Slots are the gates i f g o, then the centered products z − mean with the hidden state, then those with the input. The way
// back leaves the gradients of both products in the slots before those of the products themselves, so that it writes no more
// memory than it has to; until then the gradients of the gates' pre-activations are in the first. Deviations are found again
// from the centered products.

#define LAYER_NORM_GATES(at) {.first = (at), .count = 4, .slots = 12, .gates = {0, 1, 2, 3}}
static const UnrollGates layer_norm_recurrent_gates = LAYER_NORM_GATES(0);

/// Where things are in one block of an interleaved row.
enum { OF_HIDDEN = 4 * LANES, OF_INPUT = 8 * LANES, NORM_BLOCK = 12 * LANES };

/// Planes of P floats: of the biases, of the gains, and of the sums that are their gradients, gains first.
enum {
  GATE_BIAS = 0,
  CELL_BIAS = 4,
  INPUT_BIAS = 5,
  INPUT_GAIN = 0,
  HIDDEN_GAIN = 4,
  CELL_GAIN = 8,
  BIAS_PLANES = 9,
  GAIN_PLANES = 9
};

/// 1 for the lanes from `unit` on that are hidden units, 0 for those that are padding: the latter are zero and have to stay
/// so when a mean is taken off.
INLINE Vector real_units(int64_t hidden, int64_t unit) {
  return lane_numbers() < (IntVector)(int32_t)smaller(hidden - unit, LANES) ? splat(1.0f) : splat(0.0f);
}

INLINE Vector four(const Vector *x) { return (x[0] + x[1]) + (x[2] + x[3]); }

// Forward ----------------------------------------------------------------------------------------------------------

/// The products of `rows` batch rows for one block of hidden units.
INLINE void layer_norm_products_tile(int rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  enum { LINES = 4 * LANES * 4 / LINE_BYTES };
  int64_t unit = block * LANES, padded = unit_blocks(m->hidden) * LANES;
  float *z = tile->gates + block * NORM_BLOCK;
  const Fetch fetches[FETCHES] = {
      {z, m->gates_row * 4, LINES},
      {z + OF_HIDDEN, m->gates_row * 4, LINES},
      {z + OF_INPUT, m->gates_row * 4, LINES},
      {tile->c + unit, m->c_row * 4, 1},
      {tile->h + unit, m->h_row * 4, 1},
  };
  UNROLLED for (int first = 0; first < 4; first += TILE_VECTORS) {
    const Element *w = (const Element *)m->weights +
                       block * 4 * LANES * (whole_groups(m->hidden) + whole_groups(m->inputs)) + first * VECTOR_ELEMENTS;
    Strides by = {tile->h_before_elements_row, GROUP, 4 * VECTOR_ELEMENTS, VECTOR_ELEMENTS};
    Vector sums[MAX_ROWS][MAX_VECTORS];
    clear_sums(rows, TILE_VECTORS, sums);
    int64_t groups = whole_groups(m->hidden) / GROUP;
    if (tile->h_before_elements) {
      accumulate_tile_fetching(rows, TILE_VECTORS, groups, tile->h_before_elements, w, by, sums, fetches);
    }
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
        store(z + r * m->gates_row + OF_HIDDEN + (first + v) * LANES, sums[r][v]);
        sums[r][v] = load(m->bias + (INPUT_BIAS + first + v) * padded + unit);
      }
    }
    w += groups * by.b_k;
    by.a_row = m->x_row;
    accumulate_tile(rows, TILE_VECTORS, whole_groups(m->inputs) / GROUP, tile->x, w, by, sums);
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
        store(z + r * m->gates_row + OF_INPUT + (first + v) * LANES, sums[r][v]);
      }
    }
  }
}

STEP layer_norm_lstm_products(int64_t rows, const UnrollForward *m, const ForwardTile *tile) {
  for (int64_t block = 0; block < unit_blocks(m->hidden); block++) {
    WITH_CONSTANT_ROWS(rows, layer_norm_products_tile, m, block, tile)
  }
}

/// One over the deviations of the two kinds of products.
typedef struct {
  Vector of_hidden, of_input;
} InverseDeviations;

/// Takes the means off a row's products.
INLINE InverseDeviations center_products(int64_t hidden, float *row) {
  int64_t blocks = unit_blocks(hidden);
  Vector sums[8], squares[8];
  UNROLLED for (int v = 0; v < 8; v++) sums[v] = squares[v] = splat(0);
  for (int64_t block = 0; block < blocks; block++) {
    const float *z = row + block * NORM_BLOCK + OF_HIDDEN;
    UNROLLED for (int v = 0; v < 8; v++) sums[v] += load(z + v * LANES);
  }
  Vector mean_of_hidden = splat(mean_of_lanes(four(sums), 4 * hidden));
  Vector mean_of_input = splat(mean_of_lanes(four(sums + 4), 4 * hidden));
  for (int64_t block = 0; block < blocks; block++) {
    float *z = row + block * NORM_BLOCK + OF_HIDDEN;
    Vector real = real_units(hidden, block * LANES);
    UNROLLED for (int v = 0; v < 8; v++) {
      Vector centered = load(z + v * LANES) - (v < 4 ? mean_of_hidden : mean_of_input) * real;
      store(z + v * LANES, centered);
      squares[v] += centered * centered;
    }
  }
  return (InverseDeviations){splat(inverse_deviation(four(squares), 4 * hidden, UNROLL_LAYER_NORM_EPSILON)),
                             splat(inverse_deviation(four(squares + 4), 4 * hidden, UNROLL_LAYER_NORM_EPSILON))};
}

/// Gates and cell states of one row and `count` ≤ 2 blocks of hidden units; returns the sum of the cell states.
INLINE Vector layer_norm_gates(int count, const UnrollForward *m, float *row, const float *c_before, float *c, int64_t block,
                               InverseDeviations s) {
  int64_t padded = unit_blocks(m->hidden) * LANES, unit = block * LANES;
  float *at = row + block * NORM_BLOCK;
  Vector z[2][MAX_VECTORS], gates[2][MAX_VECTORS], sum = splat(0);
  EACH {
    UNROLLED for (int gate = 0; gate < 4; gate++) {
      const float *of_hidden = at + i * NORM_BLOCK + OF_HIDDEN + gate * LANES;
      const float *bias = m->bias + (GATE_BIAS + gate) * padded + unit + i * LANES;
      const float *gains = m->scales + (INPUT_GAIN + gate) * padded + unit + i * LANES;
      z[i][gate] = load(bias) + load(of_hidden) * s.of_hidden * load(gains + HIDDEN_GAIN * padded) +
                   load(of_hidden + OF_INPUT - OF_HIDDEN) * s.of_input * load(gains);
    }
  }
  activate_gates(count, 4, 2, z, gates);
  EACH {
    Vector cell = gates[i][0] * gates[i][2];
    if (c_before) cell += gates[i][1] * load(c_before + unit + i * LANES);
    store(c + unit + i * LANES, cell);
    sum += cell;
    UNROLLED for (int gate = 0; gate < 4; gate++) store(at + i * NORM_BLOCK + gate * LANES, gates[i][gate]);
  }
  return sum;
}

/// What one row shows of `count` ≤ MOST_AT_ONCE blocks of its cell states: h = σ(o)·tanh(LN(c) + b_c).
INLINE void layer_norm_outputs(int count, const UnrollForward *m, const float *row, const float *c, float *h,
                               Element *h_elements, float *tanh_c, int64_t block, Vector mean, Vector s) {
  int64_t padded = unit_blocks(m->hidden) * LANES;
  Vector squashed[MOST_AT_ONCE];
  EACH {
    int64_t unit = (block + i) * LANES;
    Vector centered = load(c + unit) - mean * real_units(m->hidden, unit);
    squashed[i] = centered * s * load(m->scales + CELL_GAIN * padded + unit) + load(m->bias + CELL_BIAS * padded + unit);
  }
  tanh_each(count, squashed);
  EACH {
    int64_t unit = (block + i) * LANES;
    Vector shown = load(row + (block + i) * NORM_BLOCK + 3 * LANES) * squashed[i];
    store(h + unit, shown);
    if (GROUP > 1) store_elements(h_elements + unit, shown);
    if (tanh_c) store(tanh_c + unit, squashed[i]);
  }
}

/// The rest of a step of one row, from its products.
INLINE void layer_norm_forward_row(const UnrollForward *m, const ForwardTile *tile, int64_t r) {
  int64_t blocks = unit_blocks(m->hidden), block = 0;
  float *row = tile->gates + r * m->gates_row, *c = tile->c + r * m->c_row, *h = tile->h + r * m->h_row;
  const float *c_before = tile->c_before ? tile->c_before + r * tile->c_before_row : 0;
  Element *h_elements = tile->h_elements + r * m->h_elements_row;
  float *tanh_c = tile->tanh_c ? tile->tanh_c + r * m->c_row : 0;

  InverseDeviations s = center_products(m->hidden, row);
  Vector sum = splat(0), squares = splat(0);
  for (; block + 2 <= blocks; block += 2) sum += layer_norm_gates(2, m, row, c_before, c, block, s);
  if (block < blocks) sum += layer_norm_gates(1, m, row, c_before, c, block, s);

  Vector mean = splat(mean_of_lanes(sum, m->hidden));
  for (block = 0; block < blocks; block++) {
    Vector centered = load(c + block * LANES) - mean * real_units(m->hidden, block * LANES);
    squares += centered * centered;
  }
  Vector s_cell = splat(inverse_deviation(squares, m->hidden, UNROLL_LAYER_NORM_EPSILON));
  for (block = 0; block + 4 <= blocks; block += 4) {
    layer_norm_outputs(4, m, row, c, h, h_elements, tanh_c, block, mean, s_cell);
  }
  for (; block < blocks; block++) layer_norm_outputs(1, m, row, c, h, h_elements, tanh_c, block, mean, s_cell);
}

STEP layer_norm_lstm_forward_rows(int64_t rows, const UnrollForward *m, const ForwardTile *tile) {
  for (int64_t r = 0; r < rows; r++) layer_norm_forward_row(m, tile, r);
}

INLINE void layer_norm_lstm_forward_step(int64_t rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  (void)block;  // the first, and with it all
  layer_norm_lstm_products(rows, m, tile);
  layer_norm_lstm_forward_rows(rows, m, tile);
}

static void layer_norm_lstm_forward(const UnrollForward *m, int64_t first, int64_t last) {
  forward_sequence(m, layer_norm_lstm_forward_step, TILE_ROWS, unit_blocks(m->hidden), first, last);
}

// Backward ---------------------------------------------------------------------------------------------------------

/// `hidden_gradient` for the hidden units from `unit` on. The first two panels of a tile fetch all that is read after it:
/// block by block the lines of the slots, each panel one of two, and those of the cell states.
INLINE void accumulate_fetching_row(int rows, const UnrollBackward *m, const BackwardTile *tile, int64_t unit,
                                    Vector dh[MAX_ROWS][MAX_VECTORS]) {
  enum { PAIRS = NORM_BLOCK * 4 / LINE_BYTES / 2, CELL_LINES = (LANES * 4 + LINE_BYTES - 1) / LINE_BYTES };
  _Static_assert(PAIRS + 2 <= FETCHES, "too many lines to fetch");
  const Strides by = {m->dz_row, GROUP, PANEL * GROUP, VECTOR_ELEMENTS};
  int64_t panel = unit / PANEL;
  const char *row = (const char *)(tile->gates - unit / LANES * NORM_BLOCK) + panel * LINE_BYTES;
  for (int64_t block = 0; block < unit_blocks(m->hidden); block++) {
    Fetch fetches[FETCHES] = {{0}};
    UNROLLED for (int pair = 0; pair < PAIRS; pair++) {
      fetches[pair] = (Fetch){row + block * NORM_BLOCK * 4 + pair * 2 * LINE_BYTES, m->gates_row * 4, panel < 2 ? 2 : 0};
    }
    int64_t c_at = block * LANES - unit;
    fetches[PAIRS] = (Fetch){tile->tanh_c + c_at, m->c_row * 4, panel == 0 ? CELL_LINES : 0};
    fetches[PAIRS + 1] = (Fetch){tile->c + c_at, m->c_row * 4, panel == 0 ? CELL_LINES : 0};
    accumulate_tile_fetching(rows, TILE_VECTORS, 4 * LANES / GROUP, tile->dz_after + block * NORM_BLOCK,
                             tile->weights + block * 4 * LANES * PANEL, by, dh, fetches);
  }
}

/// From the gradient of the hidden states of `rows` batch rows and up to PANEL hidden units, `vectors` vectors of them real:
/// that of the output gate's pre-activation, in its place, and that of LN(c) + b_c in the place of its tanh.
INLINE void layer_norm_outputs_tile(int rows, const UnrollBackward *m, const BackwardTile *tile, int64_t unit,
                                    int64_t vectors) {
  Vector dh[MAX_ROWS][MAX_VECTORS];
  clear_sums(rows, TILE_VECTORS, dh);
  if (tile->dz_after) accumulate_fetching_row(rows, m, tile, unit, dh);
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    if (v >= vectors) break;
    UNROLLED for (int r = 0; r < rows; r++) {
      float *output_gate = tile->gates + r * m->gates_row + v * NORM_BLOCK + 3 * LANES;
      float *tanh_c = tile->tanh_c + r * m->c_row + v * LANES;
      Vector o = load(output_gate), squashed = load(tanh_c), dh_here = with_outer_gradient(m, tile, r, v, dh[r][v]);
      store(output_gate, dh_here * squashed * o * (splat(1.0f) - o));
      store(tanh_c, dh_here * o * (splat(1.0f) - squashed * squashed));
    }
  }
}

STEP layer_norm_lstm_hidden_gradient(int64_t rows, const UnrollBackward *m, const BackwardTile *tile) {
  int64_t blocks = unit_blocks(m->hidden);
  for (int64_t block = 0; block < blocks; block += TILE_VECTORS) {
    int64_t unit = block * LANES;
    BackwardTile part = *tile;
    part.weights += unit * 4 * tile->padded;
    part.gates += block * NORM_BLOCK;
    part.tanh_c += unit;
    part.c += unit;
    if (tile->dh) part.dh += unit;
    if (tile->dh_final) part.dh_final += unit;
    WITH_CONSTANT_ROWS(rows, layer_norm_outputs_tile, m, &part, unit, smaller(TILE_VECTORS, blocks - block))
  }
}

/// What the gradient of a normalization z ↦ gain · n, n = s · (z − mean), takes from a row: with g the gradient of n, it is
/// s · (g − mean of g − n · mean of g·n).
typedef struct {
  Vector s, mean, slope;
} NormGradient;

/// From the sums over the row of (z − mean)², g and g · (z − mean).
INLINE NormGradient norm_gradient(int64_t count, Vector squares, Vector g, Vector along) {
  float s = inverse_deviation(squares, count, UNROLL_LAYER_NORM_EPSILON);
  return (NormGradient){splat(s), splat(mean_of_lanes(g, count)), splat(mean_of_lanes(along, count) * s)};
}

INLINE Vector through_norm(NormGradient norm, Vector g, Vector n, Vector real) {
  return norm.s * (g - norm.mean * real - n * norm.slope);
}

INLINE void add_to(float *sum, Vector v) { store(sum, load(sum) + v); }

/// The rest of a step back of one row.
INLINE void layer_norm_backward_row(const UnrollBackward *m, const BackwardTile *tile, int64_t r) {
  int64_t blocks = unit_blocks(m->hidden), padded = tile->padded;
  float *row = tile->gates + r * m->gates_row, *carried = tile->carried + r * padded;
  const float *c = tile->c + r * m->c_row, *d_shown = tile->tanh_c + r * m->c_row;
  const float *c_before = tile->c_before ? tile->c_before + r * tile->c_before_row : 0;
  const float *dc_final = tile->dc_final ? tile->dc_final + r * padded : 0;
  Element *dz = tile->dz + r * m->dz_row;
  float *gain_sums = m->scale_gradients + (tile->row + r) / m->rows_per_sum * m->scale_gradients_row;
  float *bias_sums = gain_sums + GAIN_PLANES * padded;

  // Back through LN(c).
  const float *cell_gains = m->scales + CELL_GAIN * padded;
  Vector sum = splat(0), squares = splat(0), g_sum = splat(0), along = splat(0);
  for (int64_t unit = 0; unit < padded; unit += LANES) sum += load(c + unit);
  Vector mean = splat(mean_of_lanes(sum, m->hidden));
  for (int64_t unit = 0; unit < padded; unit += LANES) {
    Vector centered = load(c + unit) - mean * real_units(m->hidden, unit);
    Vector g = load(d_shown + unit) * load(cell_gains + unit);
    squares += centered * centered;
    g_sum += g;
    along += g * centered;
  }
  NormGradient cell_norm = norm_gradient(m->hidden, squares, g_sum, along);

  // The gates, and what their normalizations take from the whole row: first of the hidden state, then of the input.
  Vector squares_of[2], g_of[2], along_of[2];
  UNROLLED for (int k = 0; k < 2; k++) squares_of[k] = g_of[k] = along_of[k] = splat(0);
  for (int64_t block = 0; block < blocks; block++) {
    int64_t unit = block * LANES;
    float *at = row + block * NORM_BLOCK;
    Vector real = real_units(m->hidden, unit), d = load(d_shown + unit);
    Vector n = (load(c + unit) - mean * real) * cell_norm.s;
    add_to(bias_sums + CELL_BIAS * padded + unit, d);
    add_to(gain_sums + CELL_GAIN * padded + unit, d * n);
    Vector dc = through_norm(cell_norm, d * load(cell_gains + unit), n, real);
    if (!tile->ends) dc += load(carried + unit);
    if (dc_final) dc += load(dc_final + unit);
    Vector i = load(at), f = load(at + LANES), g = load(at + 2 * LANES);
    Vector before = c_before ? load(c_before + unit) : splat(0);
    store(carried + unit, dc * f);
    Vector da[4] = {dc * g * i * (splat(1.0f) - i), dc * before * f * (splat(1.0f) - f), dc * i * (splat(1.0f) - g * g),
                    load(at + 3 * LANES)};
    UNROLLED for (int gate = 0; gate < 4; gate++) {
      const float *gains = m->scales + (INPUT_GAIN + gate) * padded + unit;
      if (gate < 3) store(at + gate * LANES, da[gate]);
      UNROLLED for (int k = 0; k < 2; k++) {
        Vector centered = load(at + (k == 0 ? OF_HIDDEN : OF_INPUT) + gate * LANES);
        Vector dn = da[gate] * load(gains + (k == 0 ? HIDDEN_GAIN * padded : 0));
        squares_of[k] += centered * centered;
        g_of[k] += dn;
        along_of[k] += dn * centered;
      }
    }
  }
  NormGradient of_hidden = norm_gradient(4 * m->hidden, squares_of[0], g_of[0], along_of[0]);
  NormGradient of_input = norm_gradient(4 * m->hidden, squares_of[1], g_of[1], along_of[1]);

  // Back through both. In single precision `dz` is `row`, of which each gate is read before it is written.
  for (int64_t block = 0; block < blocks; block++) {
    Vector real = real_units(m->hidden, block * LANES);
    UNROLLED for (int gate = 0; gate < 4; gate++) {
      int64_t at = block * NORM_BLOCK + gate * LANES, plane = gate * padded + block * LANES;
      Vector da = load(row + at);
      Vector n_hidden = load(row + at + OF_HIDDEN) * of_hidden.s, n_input = load(row + at + OF_INPUT) * of_input.s;
      Vector hidden_gain = load(m->scales + HIDDEN_GAIN * padded + plane);
      Vector input_gain = load(m->scales + INPUT_GAIN * padded + plane);
      Vector dz_input = through_norm(of_input, da * input_gain, n_input, real);
      store_elements(dz + at, through_norm(of_hidden, da * hidden_gain, n_hidden, real));
      store_elements(dz + at + OF_HIDDEN, dz_input);
      add_to(bias_sums + GATE_BIAS * padded + plane, da);
      add_to(bias_sums + INPUT_BIAS * padded + plane, dz_input);
      add_to(gain_sums + HIDDEN_GAIN * padded + plane, da * n_hidden);
      add_to(gain_sums + INPUT_GAIN * padded + plane, da * n_input);
    }
  }
}

STEP layer_norm_lstm_backward_rows(int64_t rows, const UnrollBackward *m, const BackwardTile *tile) {
  for (int64_t r = 0; r < rows; r++) layer_norm_backward_row(m, tile, r);
}

INLINE void layer_norm_lstm_backward_step(int64_t rows, const UnrollBackward *m, const BackwardTile *tile,
                                          int64_t vectors) {
  (void)vectors;  // all of them
  layer_norm_lstm_hidden_gradient(rows, m, tile);
  layer_norm_lstm_backward_rows(rows, m, tile);
}

static void layer_norm_lstm_backward(const UnrollBackward *m, int64_t first, int64_t last) {
  backward_sequence(m, &layer_norm_recurrent_gates, layer_norm_lstm_backward_step, unit_blocks(m->hidden), 0, first, last);
}
