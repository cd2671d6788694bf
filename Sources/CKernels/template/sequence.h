// The way of a batch of sequences through a cell. A cell brings two tiles, one step of a few rows of the batch forward and
// one back; the loops over steps, rows and hidden units here are the same for all.
//
// Batch rows never meet, so each thread runs its own rows through all steps without waiting for the others.

/// A step is a function of its own, so that registers are allocated for its tiles and for nothing else.
#define STEP static __attribute__((noinline)) void

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

INLINE void clear(void *p, int64_t bytes) { memset(p, 0, (size_t)bytes); }

// Forward ----------------------------------------------------------------------------------------------------------

/// A few rows of one step, each pointer at its first row; NULL where there is nothing.
typedef struct {
  const Element *x, *h_before_elements;
  const float *h_before, *c_before;
  int64_t h_before_elements_row, h_before_row, c_before_row;
  float *h, *c, *tanh_c, *gates;
  Element *h_elements;
} ForwardTile;

/// The pre-activations of all `gates` gates of one block of hidden units, products and biases: `at_once` of them at a time,
/// for as many as the registers hold sums.
INLINE void gate_sums(int rows, int gates, int at_once, const UnrollForward *m, int64_t block, const ForwardTile *tile,
                      const Fetch fetches[FETCHES], Vector z[MAX_ROWS][MAX_VECTORS]) {
  int64_t gates_at = block * gates * LANES;
  UNROLLED for (int first = 0; first < gates; first += at_once) {
    const Element *w = (const Element *)m->weights + gates_at * (whole_groups(m->hidden) + whole_groups(m->inputs)) +
                       first * VECTOR_ELEMENTS;
    Strides by = {tile->h_before_elements_row, GROUP, gates * VECTOR_ELEMENTS, VECTOR_ELEMENTS};
    Vector sums[MAX_ROWS][MAX_VECTORS];
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < at_once; v++) sums[r][v] = load(m->bias + gates_at + (first + v) * LANES);
    }
    int64_t groups = whole_groups(m->hidden) / GROUP;
    if (tile->h_before_elements) {
      accumulate_tile_fetching(rows, at_once, groups, tile->h_before_elements, w, by, sums, fetches);
    }
    w += groups * by.b_k;
    by.a_row = m->x_row;
    accumulate_tile(rows, at_once, whole_groups(m->inputs) / GROUP, tile->x, w, by, sums);
    UNROLLED for (int r = 0; r < rows; r++) {
      UNROLLED for (int v = 0; v < at_once; v++) z[r][first + v] = sums[r][v];
    }
  }
}

/// The gates of one or two rows from their pre-activations: the first `gates` of each, of which `tanh_gate` takes the
/// hyperbolic tangent and all others the logistic function.
INLINE void activate_gates(int rows, int gates, int tanh_gate, Vector z[][MAX_VECTORS], Vector activated[][MAX_VECTORS]) {
  int count = gates * rows;
  Vector r[MOST_AT_ONCE], power[MOST_AT_ONCE];
  EACH {
    Vector x = z[i / gates][i % gates];
    r[i] = i % gates == tanh_gate ? tanh_exponent(x) : sigmoid_exponent(x);
  }
  exponential_parts(count, r, power);
  EACH activated[i / gates][i % gates] = i % gates == tanh_gate ? tanh_from(r[i], power[i]) : sigmoid_from(r[i], power[i]);
}

/// One step of `rows` rows and the blocks of hidden units from `block` on that the cell takes at once.
typedef void ForwardStep(int64_t rows, const UnrollForward *m, int64_t block, const ForwardTile *tile);

/// One step of the batch rows [first, last), which share `phase`, in tiles of at most `most_rows` × `most_blocks`.
INLINE void forward_run(const UnrollForward *m, ForwardStep *step, int64_t most_rows, int64_t most_blocks, int64_t t,
                        RowPhase phase, int64_t first, int64_t last) {
  int64_t blocks = unit_blocks(m->hidden), padded = blocks * LANES;
  int64_t before = m->reversed ? t + 1 : t - 1;
  ForwardTile at = {
      .h_before = phase.starts ? m->h0 : m->h + before * m->h_step,
      .h_before_elements =
          phase.starts ? m->h0_elements : (const Element *)m->h_elements + before * m->h_elements_step,
      .c_before = phase.starts || !m->c ? m->c0 : m->c + before * m->c_step,
      .h_before_row = phase.starts ? padded : m->h_row,
      .h_before_elements_row = phase.starts ? padded : m->h_elements_row,
      .c_before_row = phase.starts ? padded : m->c_row,
  };
  for (int64_t block = 0; block < blocks; block += most_blocks) {
    int64_t rows;
    for (int64_t b = first; b < last; b += rows) {
      rows = tile_rows(last - b, most_rows);
      int64_t c_at = t * m->c_step + b * m->c_row;
      ForwardTile tile = at;
      tile.x = (const Element *)m->x + t * m->x_step + b * m->x_row;
      if (at.h_before) tile.h_before += b * at.h_before_row;
      if (at.h_before_elements) tile.h_before_elements += b * at.h_before_elements_row;
      if (at.c_before) tile.c_before += b * at.c_before_row;
      tile.h = m->h + t * m->h_step + b * m->h_row;
      tile.h_elements = (Element *)m->h_elements + t * m->h_elements_step + b * m->h_elements_row;
      tile.c = m->c ? m->c + c_at : 0;
      tile.tanh_c = m->tanh_c ? m->tanh_c + c_at : 0;
      tile.gates = m->gates ? m->gates + t * m->gates_step + b * m->gates_row : 0;
      step(rows, m, block, &tile);
    }
  }
  if (!phase.ends) return;
  size_t bytes = (size_t)padded * sizeof(float);
  for (int64_t b = first; b < last; b++) {
    if (m->h_final) memcpy(m->h_final + b * padded, m->h + t * m->h_step + b * m->h_row, bytes);
    if (m->c_final) memcpy(m->c_final + b * padded, m->c + t * m->c_step + b * m->c_row, bytes);
  }
}

INLINE void forward_sequence(const UnrollForward *m, ForwardStep *step, int64_t most_rows, int64_t most_blocks,
                             int64_t first, int64_t last) {
  int64_t padded = unit_blocks(m->hidden) * LANES;
  for (int64_t s = 0; s < m->steps; s++) {
    int64_t t = m->reversed ? m->steps - 1 - s : s, end;
    for (int64_t b = first; b < last; b = end) {
      end = run_end(m->lengths, m->steps, m->reversed, t, b, last);
      RowPhase phase = row_phase(m->lengths, m->steps, m->reversed, t, b);
      if (phase.valid) {
        forward_run(m, step, most_rows, most_blocks, t, phase, b, end);
        continue;
      }
      for (int64_t r = b; r < end; r++) {
        clear(m->h + t * m->h_step + r * m->h_row, padded * 4);
        Element *elements = (Element *)m->h_elements + t * m->h_elements_step + r * m->h_elements_row;
        if (GROUP > 1) clear(elements, padded * (int64_t)sizeof(Element));
        if (m->c && m->c_step) clear(m->c + t * m->c_step + r * m->c_row, padded * 4);
      }
    }
  }
}

// Backward ---------------------------------------------------------------------------------------------------------

/// A few rows of one step and the hidden units that the cell takes at once, each pointer at its first row and unit (`dz_after` at the first
/// unit of all); NULL where there is nothing.
typedef struct {
  const Element *dz_after, *weights;
  const float *dh, *dh_final, *dc_final, *h, *h_before, *c, *c_before, *scales;
  float *tanh_c, *gates;
  Element *dz;
  float *carried, *scale_gradients;
  int64_t h_before_row, c_before_row, padded;
  /// The first row's number in the batch.
  int64_t row;
  /// Whether nothing has been carried to here.
  int ends;
} BackwardTile;

/// One step back of `rows` rows and `vectors` vectors of hidden units.
typedef void BackwardStep(int64_t rows, const UnrollBackward *m, const BackwardTile *tile, int64_t vectors);

/// The gradient with respect to the hidden states of a tile that the step after it hands back through the products.
INLINE void hidden_gradient(int rows, const UnrollBackward *m, const UnrollGates *recurrent, const BackwardTile *tile,
                            const Fetch fetches[FETCHES], Vector dh[MAX_ROWS][MAX_VECTORS]) {
  clear_sums(rows, TILE_VECTORS, dh);
  if (tile->dz_after) {
    accumulate_gates(rows, recurrent, m->hidden, tile->dz_after, m->dz_row, tile->weights, dh, fetches);
  }
}

/// `dh` of row r, vector v of a tile, and what the loss asks of these hidden states themselves.
INLINE Vector with_outer_gradient(const UnrollBackward *m, const BackwardTile *tile, int r, int v, Vector dh) {
  if (tile->dh) dh += load(tile->dh + r * m->dh_row + v * LANES);
  if (tile->dh_final) dh += load(tile->dh_final + r * tile->padded + v * LANES);
  return dh;
}

/// One step back of the batch rows [first, last), which share `phase`, in tiles of at most TILE_ROWS × `most_vectors`.
/// `add_carried`: whether what is carried belongs to the hidden state.
INLINE void backward_run(const UnrollBackward *m, const UnrollGates *recurrent, BackwardStep *step, int64_t most_vectors,
                         int add_carried, int64_t t, RowPhase phase, int64_t first, int64_t last) {
  int64_t blocks = unit_blocks(m->hidden), padded = blocks * LANES;
  int64_t before = m->reversed ? t + 1 : t - 1, after = m->reversed ? t - 1 : t + 1;
  const float *c_before = phase.starts || !m->c ? m->c0 : m->c + before * m->c_step;
  const float *h_before = phase.starts ? m->h0 : m->h + before * m->h_step;
  int64_t c_before_row = phase.starts ? padded : m->c_row, h_before_row = phase.starts ? padded : m->h_row;
  Element *dz = m->dz;

  for (int64_t block = 0; block < blocks; block += most_vectors) {
    int64_t unit = block * LANES, rows;
    for (int64_t b = first; b < last; b += rows) {
      rows = tile_rows(last - b, TILE_ROWS);
      int64_t c_at = t * m->c_step + b * m->c_row + unit, gates_at = block * block_stride(recurrent);
      BackwardTile tile = {
          .dz_after =
              phase.ends ? 0 : dz + after * m->dz_step + b * m->dz_row + recurrent->first * LANES,
          .weights = (const Element *)m->weights + unit * recurrent->count * padded,
          .dh = m->dh ? m->dh + t * m->dh_step + b * m->dh_row + unit : 0,
          .dh_final = phase.ends && m->dh_final ? m->dh_final + b * padded + unit : 0,
          .dc_final = phase.ends && m->dc_final ? m->dc_final + b * padded + unit : 0,
          .h = m->h + t * m->h_step + b * m->h_row + unit,
          .h_before = h_before ? h_before + b * h_before_row + unit : 0,
          .c_before = c_before ? c_before + b * c_before_row + unit : 0,
          .c = m->c ? m->c + c_at : 0,
          .tanh_c = m->tanh_c ? m->tanh_c + c_at : 0,
          .gates = m->gates ? m->gates + t * m->gates_step + b * m->gates_row + gates_at : 0,
          .scales = m->scales ? m->scales + unit : 0,
          .dz = dz + t * m->dz_step + b * m->dz_row + gates_at,
          .carried = m->carried ? m->carried + b * padded + unit : 0,
          .scale_gradients = m->scale_gradients ? m->scale_gradients + b * m->scale_gradients_row + unit : 0,
          .h_before_row = h_before_row,
          .c_before_row = c_before_row,
          .padded = padded,
          .row = b,
          .ends = phase.ends,
      };
      step(rows, m, &tile, smaller(most_vectors, blocks - block));
    }
  }
  if (!phase.starts || !m->dh0) return;
  multiply_gates(*recurrent, m->hidden, padded, dz + t * m->dz_step, m->dz_row, m->weights, m->dh0, padded, first, last);
  if (!add_carried) return;
  for (int64_t i = first * padded; i < last * padded; i += LANES) store(m->dh0 + i, load(m->dh0 + i) + load(m->carried + i));
}

INLINE void backward_sequence(const UnrollBackward *m, const UnrollGates *recurrent, BackwardStep *step,
                              int64_t most_vectors, int add_carried, int64_t first, int64_t last) {
  int64_t row_bytes = unit_blocks(m->hidden) * block_stride(recurrent) * (int64_t)sizeof(Element);
  for (int64_t s = 0; s < m->steps; s++) {
    int64_t t = m->reversed ? s : m->steps - 1 - s, end;
    for (int64_t b = first; b < last; b = end) {
      end = run_end(m->lengths, m->steps, m->reversed, t, b, last);
      RowPhase phase = row_phase(m->lengths, m->steps, m->reversed, t, b);
      if (phase.valid) {
        backward_run(m, recurrent, step, most_vectors, add_carried, t, phase, b, end);
        continue;
      }
      for (int64_t r = b; r < end; r++) clear((Element *)m->dz + t * m->dz_step + r * m->dz_row, row_bytes);
    }
  }
}
