// Softmax and cross-entropy of rows of logits. A row's bits depend on the row alone, wherever it stands.

/// `v` with `fill` in the lanes from `count` on.
INLINE Vector filled_from(int64_t count, float fill, Vector v) {
  return lane_numbers() < (IntVector)(int32_t)smaller(count, LANES) ? v : splat(fill);
}

/// The larger of two in each lane. A NaN is kept: it must reach the loss.
INLINE Vector larger(Vector a, Vector b) { return ((a > b) | (a != a)) ? a : b; }

INLINE Vector sum_of_two(Vector a, Vector b) { return a + b; }

/// The largest logit of a row is that of these lanes.
INLINE Vector largest_lanes(int64_t classes, const float *row) {
  Vector largest = splat(-INFINITY);
  for (int64_t c = 0; c < classes; c += LANES) {
    largest = larger(filled_from(classes - c, -INFINITY, load_part(row + c, classes - c)), largest);
  }
  return largest;
}

/// out = exp(row − largest), unless `out` is NULL; the sum of that is the sum of the lanes returned.
INLINE Vector exponentials(int64_t classes, const float *row, float largest, float *out) {
  Vector sum = splat(0);
  for (int64_t c = 0; c < classes; c += LANES) {
    Vector shifted = load_part(row + c, classes - c) - splat(largest);
    Vector e = filled_from(classes - c, 0, exponential_of_negative(shifted));
    if (out) store_part(out + c, e, classes - c);
    sum += e;
  }
  return sum;
}

/// LANES rows at a time, or as many as are left: each row is summed up to one vector of partial results, and `reduce_each`
/// brings those of all rows together.
typedef struct {
  /// Lane r is what row r has.
  Vector largest, sum;
} RowSums;

INLINE RowSums exponentials_of_rows(int64_t rows, int64_t classes, const float *logits, int64_t logits_row, float *out,
                                    int64_t out_row) {
  Vector partial[LANES];
  float largest[LANES];
  RowSums result;
  for (int64_t r = 0; r < LANES; r++) partial[r] = r < rows ? largest_lanes(classes, logits + r * logits_row) : splat(0);
  result.largest = reduce_each(partial, larger);
  store(largest, result.largest);
  for (int64_t r = 0; r < LANES; r++) {
    partial[r] = r < rows ? exponentials(classes, logits + r * logits_row, largest[r], out ? out + r * out_row : 0) : splat(1);
  }
  result.sum = reduce_each(partial, sum_of_two);
  return result;
}

static void softmax(int64_t rows, int64_t classes, const float *logits, int64_t logits_row, float *out,
                    int64_t out_row) {
  for (int64_t first = 0; first < rows; first += LANES) {
    int64_t count = smaller(LANES, rows - first);
    float *p = out + first * out_row, sums[LANES];
    store(sums, exponentials_of_rows(count, classes, logits + first * logits_row, logits_row, p, out_row).sum);
    for (int64_t r = 0; r < count; r++, p += out_row) {
      for (int64_t c = 0; c < classes; c += LANES) {
        store_part(p + c, load_part(p + c, classes - c) / splat(sums[r]), classes - c);
      }
    }
  }
}

/// What rows of logits should have said.
typedef struct {
  /// A distribution over the classes for each row; NULL where each row has a label.
  const float *distributions;
  /// A class for each row, every `label_stride`th number.
  const int32_t *labels;
  int64_t label_stride;
  /// The share of a label that is spread evenly over all classes.
  float smoothing;
} Targets;

/// The sum of each row's logits, times `factors` unless that is NULL.
INLINE Vector sums_of_rows(int64_t rows, int64_t classes, const float *logits, const float *factors) {
  Vector partial[LANES];
  for (int64_t r = 0; r < LANES; r++) {
    partial[r] = splat(0);
    for (int64_t c = 0; r < rows && c < classes; c += LANES) {
      int64_t at = r * classes + c;
      Vector some = load_part(logits + at, classes - c);
      partial[r] += factors ? load_part(factors + at, classes - c) * some : some;
    }
  }
  return reduce_each(partial, sum_of_two);
}

/// The sum of target · logit of each row; `logits` begin with the row `first` of the targets.
INLINE Vector expected_logits(int64_t rows, int64_t classes, const float *logits, Targets targets, int64_t first) {
  if (targets.distributions) return sums_of_rows(rows, classes, logits, targets.distributions + first * classes);
  float of_labels[LANES] = {0};
  for (int64_t r = 0; r < rows; r++) of_labels[r] = logits[r * classes + targets.labels[(first + r) * targets.label_stride]];
  if (targets.smoothing == 0) return load(of_labels);
  float share = targets.smoothing / (float)classes;
  return splat(1 - targets.smoothing) * load(of_labels) + splat(share) * sums_of_rows(rows, classes, logits, 0);
}

/// From a row's exponentials to (p − target) · weight, in place.
INLINE void finish_gradient(int64_t classes, Targets targets, int64_t row, float inverse, float weight, float *out) {
  const float *distribution = targets.distributions ? targets.distributions + row * classes : 0;
  IntVector label = (IntVector)(distribution ? 0 : targets.labels[row * targets.label_stride]);
  float share = targets.smoothing / (float)classes;
  for (int64_t c = 0; c < classes; c += LANES) {
    IntVector is_label = lane_numbers() + (int32_t)c == label;
    Vector target = distribution ? load_part(distribution + c, classes - c)
                                 : (is_label ? splat((1 - targets.smoothing) + share) : splat(share));
    store_part(out + c, (load_part(out + c, classes - c) * splat(inverse) - target) * splat(weight), classes - c);
  }
}

INLINE void cross_entropies(int64_t rows, int64_t classes, const float *logits, Targets targets, const float *weights,
                            int64_t weight_stride, float *losses, float *gradient) {
  for (int64_t first = 0; first < rows; first += LANES) {
    int64_t count = smaller(LANES, rows - first);
    const float *in = logits + first * classes;
    float *out = gradient ? gradient + first * classes : 0;
    float row_weights[LANES] = {0}, inverses[LANES];
    for (int64_t r = 0; r < count; r++) row_weights[r] = weights[(first + r) * weight_stride];
    RowSums e = exponentials_of_rows(count, classes, in, classes, out, classes);
    Vector expected = expected_logits(count, classes, in, targets, first);
    store_part(losses + first, (logarithm(e.sum) + (e.largest - expected)) * load(row_weights), count);
    if (!out) continue;
    store(inverses, splat(1) / e.sum);
    for (int64_t r = 0; r < count; r++) {
      finish_gradient(classes, targets, first + r, inverses[r], row_weights[r], out + r * classes);
    }
  }
}

static void softmax_cross_entropy(int64_t rows, int64_t classes, const float *logits, const int32_t *labels,
                                  int64_t label_stride, const float *weights, int64_t weight_stride, float smoothing,
                                  float *losses, float *gradient) {
  Targets targets = {.labels = labels, .label_stride = label_stride, .smoothing = smoothing};
  cross_entropies(rows, classes, logits, targets, weights, weight_stride, losses, gradient);
}

static void soft_cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *distributions,
                               const float *weights, int64_t weight_stride, float *losses, float *gradient) {
  Targets targets = {.distributions = distributions};
  cross_entropies(rows, classes, logits, targets, weights, weight_stride, losses, gradient);
}
