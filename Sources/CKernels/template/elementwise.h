// What is done element by element: activations, data and optimizers.

/// Runs BODY on whole vectors at offset `i`, then once on what is left, through `get` and `put`.
#define FOR_VECTORS(n, BODY)                        \
  for (int64_t i = 0; i < (n); i += LANES) {        \
    int64_t count = smaller(LANES, (n) - i);        \
    BODY                                            \
  }
#define GET(p) load_part((p) + i, count)
#define PUT(p, value) store_part((p) + i, value, count)

static void sigmoid(int64_t n, const float *x, float *out) { FOR_VECTORS(n, PUT(out, sigmoid_of(GET(x)));) }

static void hyperbolic_tangent(int64_t n, const float *x, float *out) { FOR_VECTORS(n, PUT(out, tanh_of(GET(x)));) }

static void relu(int64_t n, const float *x, float *out) { FOR_VECTORS(n, PUT(out, relu_of(GET(x)));) }

static void sigmoid_gradient(int64_t n, const float *y, const float *dy, float *out) {
  FOR_VECTORS(n, Vector v = GET(y); PUT(out, GET(dy) * v * (splat(1.0f) - v));)
}

static void tanh_gradient(int64_t n, const float *y, const float *dy, float *out) {
  FOR_VECTORS(n, Vector v = GET(y); PUT(out, GET(dy) * (splat(1.0f) - v * v));)
}

static void relu_gradient(int64_t n, const float *y, const float *dy, float *out) {
  FOR_VECTORS(n, PUT(out, GET(y) == splat(0.0f) ? splat(0.0f) : GET(dy));)
}

static void combine(int64_t n, float alpha, const float *x, float beta, const float *y, float *out) {
  if (beta == 0) {  // and not 0 · y, which would be NaN for an infinite y
    FOR_VECTORS(n, PUT(out, GET(x) * splat(alpha));)
    return;
  }
  FOR_VECTORS(n, PUT(out, GET(x) * splat(alpha) + GET(y) * splat(beta));)
}

static void multiply_elements(int64_t n, const float *x, const float *y, float *out) {
  FOR_VECTORS(n, PUT(out, GET(x) * GET(y));)
}

static double sum_of_squares(int64_t n, const float *x) {
  double lanes[8] = {0};  // eight sums on every machine, so that the order does not depend on the vector's width
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (int j = 0; j < 8; j++) lanes[j] += (double)x[i + j] * (double)x[i + j];
  }
  for (; i < n; i++) lanes[i % 8] += (double)x[i] * (double)x[i];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

static void multiply_rows(int64_t rows, int64_t columns, const float *x, int64_t x_row, const float *y, int64_t y_row,
                          float *out, int64_t out_row) {
  for (int64_t r = 0; r < rows; r++) multiply_elements(columns, x + r * x_row, y + r * y_row, out + r * out_row);
}

static void layer_norm(int64_t rows, int64_t columns, const float *x, int64_t x_row, const float *weight,
                       const float *bias, float epsilon, float *normalized, float *inverse_deviations, float *out,
                       int64_t out_row) {
  for (int64_t r = 0; r < rows; r++) {
    const float *row = x + r * x_row;
    float *n = normalized + r * columns, *to = out + r * out_row;
    Vector sum = splat(0.0f), squares = splat(0.0f);
    FOR_VECTORS(columns, sum += GET(row);)
    Vector mean = splat(mean_of_lanes(sum, columns));
    FOR_VECTORS(columns, PUT(n, GET(row) - mean);)
    FOR_VECTORS(columns, Vector v = GET(n); squares += v * v;)  // read back, so that lanes behind the row are zero
    float s = inverse_deviation(squares, columns, epsilon);
    FOR_VECTORS(columns, Vector v = GET(n) * splat(s); PUT(n, v); PUT(to, v * GET(weight) + GET(bias));)
    inverse_deviations[r] = s;
  }
}

static void layer_norm_gradient(int64_t rows, int64_t columns, const float *dy, int64_t dy_row, const float *weight,
                                const float *normalized, const float *inverse_deviations, float *out,
                                int64_t out_row) {
  for (int64_t r = 0; r < rows; r++) {
    const float *d = dy + r * dy_row, *n = normalized + r * columns;
    float *to = out + r * out_row;
    Vector sum = splat(0.0f), along = splat(0.0f);
    FOR_VECTORS(columns, Vector g = GET(d) * GET(weight); sum += g; along += g * GET(n);)
    Vector mean = splat(mean_of_lanes(sum, columns)), slope = splat(mean_of_lanes(along, columns));
    Vector s = splat(inverse_deviations[r]);
    FOR_VECTORS(columns, PUT(to, s * (GET(d) * GET(weight) - mean - GET(n) * slope));)
  }
}

typedef uint8_t ByteVector __attribute__((ext_vector_type(LANES), aligned(1)));

static void gather_bytes(int64_t rows, int64_t count, const uint8_t *bytes, int64_t item, int64_t offset,
                         int64_t stride, const int32_t *indices, float scale, float shift, float *out,
                         int64_t out_row) {
  for (int64_t r = 0; r < rows; r++) {
    const uint8_t *in = bytes + indices[r] * item + offset;
    float *to = out + r * out_row;
    int64_t d = 0;
    // Neighbouring bytes, the usual case, a vector at a time; the last one goes back over some that are done.
    if (stride == 1 && count >= LANES) {
      for (; d < count; d += LANES) {
        d = smaller(d, count - LANES);
        store(to + d, __builtin_convertvector(*(const ByteVector *)(in + d), Vector) * splat(scale) + splat(shift));
      }
    }
    for (; d < count; d++) to[d] = scale * (float)in[d * stride] + shift;
  }
}

static void gather_listed_bytes(int64_t rows, int64_t count, const uint8_t *bytes, int64_t item, const int32_t *places,
                                const int32_t *indices, float scale, float shift, float *out, int64_t out_row) {
  for (int64_t r = 0; r < rows; r++) {
    const uint8_t *in = bytes + indices[r] * item;
    float *to = out + r * out_row;
    for (int64_t d = 0; d < count; d++) to[d] = scale * (places[d] < 0 ? 0 : (float)in[places[d]]) + shift;
  }
}

static void adam(int64_t n, float *parameter, const float *gradient, float *first_moment, float *second_moment,
                 float rate, float correction, float beta1, float beta2, float epsilon, float decay) {
  FOR_VECTORS(n, {
    Vector g = GET(gradient);
    Vector m = GET(first_moment) * splat(beta1) + g * splat(1.0f - beta1);
    Vector v = GET(second_moment) * splat(beta2) + g * g * splat(1.0f - beta2);
    Vector p = GET(parameter);
    PUT(first_moment, m);
    PUT(second_moment, v);
    Vector denominator = __builtin_elementwise_sqrt(v) * splat(correction) + splat(epsilon);
    PUT(parameter, (p - p * splat(decay)) - m * splat(rate) / denominator);
  })
}

static void sgd(int64_t n, float *parameter, const float *gradient, float *velocity, float rate, float momentum,
                int32_t nesterov) {
  FOR_VECTORS(n, {
    Vector g = GET(gradient);
    Vector v = GET(velocity) * splat(momentum) + g;
    Vector step = nesterov ? g + v * splat(momentum) : v;
    PUT(velocity, v);
    PUT(parameter, GET(parameter) - step * splat(rate));
  })
}

#undef FOR_VECTORS
#undef GET
#undef PUT
