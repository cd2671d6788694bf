// The readable kernels. REAL is the number type, NAME(x) adds its suffix.

static REAL NAME(logistic)(REAL x) { return 1 / (1 + (REAL)exp(-(double)x)); }

/// row · vector, over `count` elements.
static REAL NAME(dot)(int64_t count, const REAL *row, const REAL *vector) {
  REAL sum = 0;
  for (int64_t k = 0; k < count; k++) sum += row[k] * vector[k];
  return sum;
}

void NAME(unroll_reference_lstm)(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden, int32_t reversed,
                                 const int32_t *lengths, const REAL *x, const REAL *h0, const REAL *c0,
                                 const REAL *w_ih, const REAL *w_hh, const REAL *bias, const REAL *peepholes, REAL *h,
                                 REAL *h_final, REAL *c_final) {
  for (int64_t b = 0; b < batch; b++) {
    int64_t length = lengths ? lengths[b] : steps;
    REAL *cell = c_final + b * hidden;
    const REAL *previous = h0 + b * hidden;
    for (int64_t j = 0; j < hidden; j++) cell[j] = c0[b * hidden + j];

    for (int64_t s = 0; s < length; s++) {
      int64_t t = reversed ? length - 1 - s : s;
      const REAL *input = x + (b * steps + t) * inputs;
      REAL *state = h + (b * steps + t) * hidden;
      for (int64_t j = 0; j < hidden; j++) {
        REAL z[4];
        for (int64_t gate = 0; gate < 4; gate++) {
          int64_t row = gate * hidden + j;
          z[gate] = bias[row] + NAME(dot)(hidden, w_hh + row * hidden, previous) + NAME(dot)(inputs, w_ih + row * inputs, input);
        }
        if (peepholes) {
          z[0] += peepholes[j] * cell[j];
          z[1] += peepholes[hidden + j] * cell[j];
        }
        cell[j] = NAME(logistic)(z[1]) * cell[j] + NAME(logistic)(z[0]) * (REAL)tanh((double)z[2]);
        if (peepholes) z[3] += peepholes[2 * hidden + j] * cell[j];
        state[j] = NAME(logistic)(z[3]) * (REAL)tanh((double)cell[j]);
      }
      previous = state;
    }
    for (int64_t j = 0; j < hidden; j++) h_final[b * hidden + j] = previous[j];
    for (int64_t k = length * hidden; k < steps * hidden; k++) h[b * steps * hidden + k] = 0;
  }
}

void NAME(unroll_reference_coupled_lstm)(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden, int32_t reversed,
                                         const int32_t *lengths, const REAL *x, const REAL *h0, const REAL *c0,
                                         const REAL *w_ih, const REAL *w_hh, const REAL *bias, REAL *h, REAL *h_final,
                                         REAL *c_final) {
  for (int64_t b = 0; b < batch; b++) {
    int64_t length = lengths ? lengths[b] : steps;
    REAL *cell = c_final + b * hidden;
    const REAL *previous = h0 + b * hidden;
    for (int64_t j = 0; j < hidden; j++) cell[j] = c0[b * hidden + j];

    for (int64_t s = 0; s < length; s++) {
      int64_t t = reversed ? length - 1 - s : s;
      const REAL *input = x + (b * steps + t) * inputs;
      REAL *state = h + (b * steps + t) * hidden;
      for (int64_t j = 0; j < hidden; j++) {
        REAL z[3];
        for (int64_t gate = 0; gate < 3; gate++) {
          int64_t row = gate * hidden + j;
          z[gate] = bias[row] + NAME(dot)(hidden, w_hh + row * hidden, previous) + NAME(dot)(inputs, w_ih + row * inputs, input);
        }
        REAL f = NAME(logistic)(z[0]);
        cell[j] = f * cell[j] + (1 - f) * (REAL)tanh((double)z[1]);
        state[j] = NAME(logistic)(z[2]) * (REAL)tanh((double)cell[j]);
      }
      previous = state;
    }
    for (int64_t j = 0; j < hidden; j++) h_final[b * hidden + j] = previous[j];
    for (int64_t k = length * hidden; k < steps * hidden; k++) h[b * steps * hidden + k] = 0;
  }
}

/// out = (z − mean) / √(variance + ε) · gains, `count` of each.
static void NAME(normalize)(int64_t count, const REAL *z, const REAL *gains, REAL *out) {
  REAL mean = 0, variance = 0;
  for (int64_t k = 0; k < count; k++) mean += z[k] / (REAL)count;
  for (int64_t k = 0; k < count; k++) variance += (z[k] - mean) * (z[k] - mean) / (REAL)count;
  REAL deviation = (REAL)sqrt((double)(variance + (REAL)UNROLL_LAYER_NORM_EPSILON));
  for (int64_t k = 0; k < count; k++) out[k] = (z[k] - mean) / deviation * gains[k];
}

void NAME(unroll_reference_layer_norm_lstm)(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden, int32_t reversed,
                                            const int32_t *lengths, const REAL *x, const REAL *h0, const REAL *c0,
                                            const REAL *w_ih, const REAL *w_hh, const REAL *bias, const REAL *gains,
                                            REAL *scratch, REAL *h, REAL *h_final, REAL *c_final) {
  int64_t rows = 4 * hidden;
  const REAL *cell_bias = bias + rows, *input_bias = cell_bias + hidden;
  REAL *of_input = scratch, *of_hidden = scratch + rows;
  for (int64_t b = 0; b < batch; b++) {
    int64_t length = lengths ? lengths[b] : steps;
    REAL *cell = c_final + b * hidden;
    const REAL *previous = h0 + b * hidden;
    for (int64_t j = 0; j < hidden; j++) cell[j] = c0[b * hidden + j];

    for (int64_t s = 0; s < length; s++) {
      int64_t t = reversed ? length - 1 - s : s;
      REAL *state = h + (b * steps + t) * hidden;
      for (int64_t row = 0; row < rows; row++) {
        of_input[row] = input_bias[row] + NAME(dot)(inputs, w_ih + row * inputs, x + (b * steps + t) * inputs);
        of_hidden[row] = NAME(dot)(hidden, w_hh + row * hidden, previous);
      }
      NAME(normalize)(rows, of_input, gains, of_input);
      NAME(normalize)(rows, of_hidden, gains + rows, of_hidden);
      for (int64_t row = 0; row < rows; row++) of_hidden[row] += of_input[row] + bias[row];
      const REAL *i = of_hidden, *f = i + hidden, *g = f + hidden, *o = g + hidden;
      for (int64_t j = 0; j < hidden; j++) {
        cell[j] = NAME(logistic)(f[j]) * cell[j] + NAME(logistic)(i[j]) * (REAL)tanh((double)g[j]);
      }
      NAME(normalize)(hidden, cell, gains + 2 * rows, state);
      for (int64_t j = 0; j < hidden; j++) {
        state[j] = NAME(logistic)(o[j]) * (REAL)tanh((double)(state[j] + cell_bias[j]));
      }
      previous = state;
    }
    for (int64_t j = 0; j < hidden; j++) h_final[b * hidden + j] = previous[j];
    for (int64_t k = length * hidden; k < steps * hidden; k++) h[b * steps * hidden + k] = 0;
  }
}

void NAME(unroll_reference_gru)(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden, int32_t reversed,
                                const int32_t *lengths, const REAL *x, const REAL *h0, const REAL *w_ih,
                                const REAL *w_hh, const REAL *bias, REAL *h, REAL *h_final) {
  for (int64_t b = 0; b < batch; b++) {
    int64_t length = lengths ? lengths[b] : steps;
    const REAL *previous = h0 + b * hidden;
    for (int64_t s = 0; s < length; s++) {
      int64_t t = reversed ? length - 1 - s : s;
      const REAL *input = x + (b * steps + t) * inputs;
      REAL *state = h + (b * steps + t) * hidden;
      for (int64_t j = 0; j < hidden; j++) {
        REAL of_x[3], of_h[3];
        for (int64_t gate = 0; gate < 3; gate++) {
          int64_t row = gate * hidden + j;
          of_x[gate] = bias[row] + NAME(dot)(inputs, w_ih + row * inputs, input);
          of_h[gate] = NAME(dot)(hidden, w_hh + row * hidden, previous);
        }
        REAL r = NAME(logistic)(of_x[0] + of_h[0]), z = NAME(logistic)(of_x[1] + of_h[1]);
        REAL n = (REAL)tanh((double)(of_x[2] + r * (of_h[2] + bias[3 * hidden + j])));
        state[j] = (1 - z) * n + z * previous[j];
      }
      previous = state;
    }
    for (int64_t j = 0; j < hidden; j++) h_final[b * hidden + j] = previous[j];
    for (int64_t k = length * hidden; k < steps * hidden; k++) h[b * steps * hidden + k] = 0;
  }
}

void NAME(unroll_reference_rnn)(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden, int32_t reversed,
                                int32_t rectified, const int32_t *lengths, const REAL *x, const REAL *h0, const REAL *w_ih,
                                const REAL *w_hh, const REAL *bias, REAL *h, REAL *h_final) {
  for (int64_t b = 0; b < batch; b++) {
    int64_t length = lengths ? lengths[b] : steps;
    const REAL *previous = h0 + b * hidden;
    for (int64_t s = 0; s < length; s++) {
      int64_t t = reversed ? length - 1 - s : s;
      const REAL *input = x + (b * steps + t) * inputs;
      REAL *state = h + (b * steps + t) * hidden;
      for (int64_t j = 0; j < hidden; j++) {
        REAL z = bias[j] + NAME(dot)(inputs, w_ih + j * inputs, input) + NAME(dot)(hidden, w_hh + j * hidden, previous);
        state[j] = !rectified ? (REAL)tanh((double)z) : z > 0 ? z : 0;
      }
      previous = state;
    }
    for (int64_t j = 0; j < hidden; j++) h_final[b * hidden + j] = previous[j];
    for (int64_t k = length * hidden; k < steps * hidden; k++) h[b * steps * hidden + k] = 0;
  }
}

REAL NAME(unroll_reference_cross_entropy)(int64_t rows, int64_t classes, const REAL *logits, const int32_t *labels) {
  double total = 0;
  for (int64_t r = 0; r < rows; r++) {
    const REAL *row = logits + r * classes;
    double largest = (double)row[0], sum = 0;
    for (int64_t c = 1; c < classes; c++) largest = fmax(largest, (double)row[c]);
    for (int64_t c = 0; c < classes; c++) sum += exp((double)row[c] - largest);
    total += log(sum) + largest - (double)row[labels[r]];
  }
  return (REAL)(total / (double)rows);
}

void NAME(unroll_reference_multiply)(int64_t m, int64_t n, int64_t k, const REAL *a, const REAL *b, REAL *c) {
  for (int64_t i = 0; i < m; i++) {
    for (int64_t j = 0; j < n; j++) {
      double sum = 0;
      for (int64_t p = 0; p < k; p++) sum += (double)a[i * k + p] * (double)b[p * n + j];
      c[i * n + j] = (REAL)sum;
    }
  }
}
