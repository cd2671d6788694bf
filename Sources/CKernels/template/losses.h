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

/// The sum of each row's logits.
INLINE Vector sums_of_rows(int64_t rows, int64_t classes, const float *logits) {
  Vector partial[LANES];
  for (int64_t r = 0; r < LANES; r++) {
    partial[r] = splat(0);
    for (int64_t c = 0; r < rows && c < classes; c += LANES) partial[r] += load_part(logits + r * classes + c, classes - c);
  }
  return reduce_each(partial, sum_of_two);
}

/// From a row's exponentials to (p − target) · weight, in place.
INLINE void finish_gradient(int64_t classes, int32_t label, float share, float smoothing, float inverse, float weight,
                            float *row) {
  for (int64_t c = 0; c < classes; c += LANES) {
    IntVector is_label = lane_numbers() + (int32_t)c == (IntVector)label;
    Vector target = is_label ? splat((1 - smoothing) + share) : splat(share);
    store_part(row + c, (load_part(row + c, classes - c) * splat(inverse) - target) * splat(weight), classes - c);
  }
}

static void softmax_cross_entropy(int64_t rows, int64_t classes, const float *logits, const int32_t *labels,
                                  int64_t label_stride, const float *weights, int64_t weight_stride, float smoothing,
                                  float *losses, float *gradient) {
  float share = smoothing / (float)classes;
  for (int64_t first = 0; first < rows; first += LANES) {
    int64_t count = smaller(LANES, rows - first);
    const float *in = logits + first * classes;
    float *out = gradient ? gradient + first * classes : 0;
    float targets[LANES] = {0}, row_weights[LANES] = {0}, inverses[LANES];
    for (int64_t r = 0; r < count; r++) {
      targets[r] = in[r * classes + labels[(first + r) * label_stride]];
      row_weights[r] = weights[(first + r) * weight_stride];
    }
    RowSums e = exponentials_of_rows(count, classes, in, classes, out, classes);
    Vector target = load(targets);
    if (smoothing != 0) {
      target = splat(1 - smoothing) * target + splat(share) * sums_of_rows(count, classes, in);
    }
    store_part(losses + first, (logarithm(e.sum) + (e.largest - target)) * load(row_weights), count);
    if (!out) continue;
    store(inverses, splat(1) / e.sum);
    for (int64_t r = 0; r < count; r++) {
      finish_gradient(classes, labels[(first + r) * label_stride], share, smoothing, inverses[r], row_weights[r],
                      out + r * classes);
    }
  }
}

/// The sum of each row's products: targets · logits.
INLINE Vector dots_of_rows(int64_t rows, int64_t classes, const float *targets, const float *logits) {
  Vector partial[LANES];
  for (int64_t r = 0; r < LANES; r++) {
    partial[r] = splat(0);
    for (int64_t c = 0; r < rows && c < classes; c += LANES) {
      int64_t at = r * classes + c;
      partial[r] += load_part(targets + at, classes - c) * load_part(logits + at, classes - c);
    }
  }
  return reduce_each(partial, sum_of_two);
}

static void soft_cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *targets,
                               const float *weights, int64_t weight_stride, float *losses, float *gradient) {
  for (int64_t first = 0; first < rows; first += LANES) {
    int64_t count = smaller(LANES, rows - first);
    const float *in = logits + first * classes, *target = targets + first * classes;
    float *out = gradient ? gradient + first * classes : 0;
    float row_weights[LANES] = {0}, inverses[LANES];
    for (int64_t r = 0; r < count; r++) row_weights[r] = weights[(first + r) * weight_stride];
    RowSums e = exponentials_of_rows(count, classes, in, classes, out, classes);
    Vector expected = dots_of_rows(count, classes, target, in);
    store_part(losses + first, (logarithm(e.sum) + (e.largest - expected)) * load(row_weights), count);
    if (!out) continue;
    store(inverses, splat(1) / e.sum);
    for (int64_t r = 0; r < count; r++) {
      for (int64_t c = 0; c < classes; c += LANES) {
        int64_t at = r * classes + c;
        Vector p = load_part(out + at, classes - c) * splat(inverses[r]);
        store_part(out + at, (p - load_part(target + at, classes - c)) * splat(row_weights[r]), classes - c);
      }
    }
  }
}
