// The plain recurrent network (Elman 1990): h ← tanh(W·[h, x] + b), or with rectified linear units (Le, Jaitly & Hinton
// 2015): h ← max(0, W·[h, x] + b).
//
// One slot. A tile is a few batch rows × several blocks of hidden units, forward as backward.

#define RNN_GATES {.first = 0, .count = 1, .slots = 1, .gates = {0}}
static const UnrollGates rnn_gates = RNN_GATES;

enum { TANH, RELU };

/// One step of `rows` batch rows and `vectors` blocks of hidden units.
INLINE void rnn_forward_tile(int rows, int vectors, int nonlinearity, const UnrollForward *m, int64_t block,
                             const ForwardTile *tile) {
  int64_t unit = block * LANES, groups = whole_groups(m->hidden) / GROUP;
  int64_t block_elements = (whole_groups(m->hidden) + whole_groups(m->inputs)) * LANES;
  const Fetch fetches[FETCHES] = {{tile->h + unit, m->h_row * 4, (vectors * LANES * 4 + LINE_BYTES - 1) / LINE_BYTES}};
  const Element *w = (const Element *)m->weights + block * block_elements;
  Strides by = {tile->h_before_elements_row, GROUP, VECTOR_ELEMENTS, block_elements};

  Vector sums[MAX_ROWS][MAX_VECTORS];
  UNROLLED for (int r = 0; r < rows; r++) {
    UNROLLED for (int v = 0; v < vectors; v++) sums[r][v] = load(m->bias + unit + v * LANES);
  }
  if (tile->h_before_elements) {
    accumulate_tile_fetching(rows, vectors, groups, tile->h_before_elements, w, by, sums, fetches);
  }
  by.a_row = m->x_row;
  accumulate_tile(rows, vectors, whole_groups(m->inputs) / GROUP, tile->x, w + groups * by.b_k, by, sums);

  UNROLLED for (int r = 0; r < rows; r++) {
    if (nonlinearity == TANH) tanh_each(vectors, sums[r]);
    UNROLLED for (int v = 0; v < vectors; v++) {
      if (nonlinearity == RELU) sums[r][v] = relu_of(sums[r][v]);
      store(tile->h + r * m->h_row + unit + v * LANES, sums[r][v]);
      if (GROUP > 1) store_elements(tile->h_elements + r * m->h_elements_row + unit + v * LANES, sums[r][v]);
    }
  }
}

/// One step of `rows` batch rows and up to TILE_VECTORS blocks of hidden units.
INLINE void rnn_forward_blocks(int64_t rows, int nonlinearity, const UnrollForward *m, int64_t block,
                               const ForwardTile *tile) {
  int64_t left = smaller(TILE_VECTORS, unit_blocks(m->hidden) - block);
  if (left == TILE_VECTORS) {
    WITH_CONSTANT_ROWS(rows, rnn_forward_tile, TILE_VECTORS, nonlinearity, m, block, tile)
    return;
  }
  for (; left > 0; left--, block++) WITH_CONSTANT_ROWS(rows, rnn_forward_tile, 1, nonlinearity, m, block, tile)
}

STEP rnn_forward_step(int64_t rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  rnn_forward_blocks(rows, TANH, m, block, tile);
}

static void rnn_forward(const UnrollForward *m, int64_t first, int64_t last) {
  forward_sequence(m, rnn_forward_step, TILE_ROWS, TILE_VECTORS, first, last);
}

STEP irnn_forward_step(int64_t rows, const UnrollForward *m, int64_t block, const ForwardTile *tile) {
  rnn_forward_blocks(rows, RELU, m, block, tile);
}

static void irnn_forward(const UnrollForward *m, int64_t first, int64_t last) {
  forward_sequence(m, irnn_forward_step, TILE_ROWS, TILE_VECTORS, first, last);
}

/// One step back of `rows` batch rows and up to PANEL hidden units, `vectors` vectors of them real.
INLINE void rnn_backward_tile(int rows, int nonlinearity, const UnrollBackward *m, const BackwardTile *tile,
                              int64_t vectors) {
  const Fetch fetches[FETCHES] = {{tile->h, m->h_row * 4, PANEL * 4 / LINE_BYTES},
                                  {tile->dz, m->dz_row * (int64_t)sizeof(Element), PANEL * (int64_t)sizeof(Element) / LINE_BYTES},
                                  {tile->dh, m->dh_row * 4, tile->dh ? PANEL * 4 / LINE_BYTES : 0}};
  Vector dh[MAX_ROWS][MAX_VECTORS];
  hidden_gradient(rows, m, &rnn_gates, tile, fetches, dh);
  UNROLLED for (int v = 0; v < TILE_VECTORS; v++) {
    if (v >= vectors) break;
    UNROLLED for (int r = 0; r < rows; r++) {
      Vector h = load(tile->h + r * m->h_row + v * LANES);
      Vector dh_here = with_outer_gradient(m, tile, r, v, dh[r][v]);
      // Not `h > 0`, which would hide a NaN.
      Vector dz = nonlinearity == TANH ? dh_here * (splat(1.0f) - h * h) : h == splat(0.0f) ? splat(0.0f) : dh_here;
      store_elements(tile->dz + r * m->dz_row + v * LANES, dz);
    }
  }
}

STEP rnn_backward_step(int64_t rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors) {
  WITH_CONSTANT_ROWS(rows, rnn_backward_tile, TANH, m, tile, vectors)
}

static void rnn_backward(const UnrollBackward *m, int64_t first, int64_t last) {
  backward_sequence(m, &rnn_gates, rnn_backward_step, TILE_VECTORS, 0, first, last);
}

STEP irnn_backward_step(int64_t rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors) {
  WITH_CONSTANT_ROWS(rows, rnn_backward_tile, RELU, m, tile, vectors)
}

static void irnn_backward(const UnrollBackward *m, int64_t first, int64_t last) {
  backward_sequence(m, &rnn_gates, irnn_backward_step, TILE_VECTORS, 0, first, last);
}
