// The kernels of one instruction set as a table. The including file defines
//
//   TABLE, TABLE_NAME  the table's symbol and its name
//   LANES              floats in one vector
//   TILE_ROWS × TILE_VECTORS   register tile of a matrix product; 2 or 4 vectors
//
// and has switched the compiler to the instruction set.

enum { MAX_ROWS = 6, MAX_VECTORS = 4 };
_Static_assert(TILE_ROWS <= MAX_ROWS && 4 % TILE_VECTORS == 0, "no such tile");

#include "vector.h"
#include "product.h"
#include "lstm.h"
#include "elementwise.h"

/// Wraps a kernel so that denormals count as zero while it runs: an LSTM's decaying states would otherwise take the
/// processor's slow path, ten times and more slower.
#define FLUSHING(name, parameters, arguments)        \
  static void flushing_##name parameters {           \
    uint64_t before = flush_denormals();             \
    name arguments;                                  \
    restore_denormals(before);                       \
  }

FLUSHING(multiply, (int64_t n, int64_t k, UnrollMatrix a, const float *packed, float *c, int64_t c_row,
                    int32_t accumulate, int64_t first, int64_t last),
         (n, k, a, packed, c, c_row, accumulate, first, last))
FLUSHING(accumulate_transposed, (int64_t rows, int64_t k, const float *a, int64_t a_row, const float *b, int64_t b_row,
                                 float *out, int64_t out_block, int64_t first, int64_t last),
         (rows, k, a, a_row, b, b_row, out, out_block, first, last))
FLUSHING(lstm_forward, (const UnrollLSTMForward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(lstm_backward, (const UnrollLSTMBackward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(softmax, (int64_t rows, int64_t classes, const float *logits, int64_t logits_row, float *out, int64_t out_row),
         (rows, classes, logits, logits_row, out, out_row))
FLUSHING(softmax_cross_entropy, (int64_t rows, int64_t classes, const float *logits, int64_t logits_row,
                                 const int32_t *labels, float *losses, float *probabilities),
         (rows, classes, logits, logits_row, labels, losses, probabilities))
FLUSHING(softmax_cross_entropy_gradient, (int64_t rows, int64_t classes, const float *probabilities,
                                          const int32_t *labels, const float *d, int64_t d_stride, float scale,
                                          float *out),
         (rows, classes, probabilities, labels, d, d_stride, scale, out))
FLUSHING(adam, (int64_t n, float *parameter, const float *gradient, float *first_moment, float *second_moment,
                float rate, float correction, float beta1, float beta2, float epsilon, float decay),
         (n, parameter, gradient, first_moment, second_moment, rate, correction, beta1, beta2, epsilon, decay))
FLUSHING(sgd, (int64_t n, float *parameter, const float *gradient, float *velocity, float rate, float momentum,
               int32_t nesterov),
         (n, parameter, gradient, velocity, rate, momentum, nesterov))

const UnrollKernels TABLE = {
    .name = TABLE_NAME,
    .lanes = LANES,
    .panel = PANEL,
    .pack = pack,
    .multiply = flushing_multiply,
    .accumulate_transposed = flushing_accumulate_transposed,
    .multiply_add_in_registers = multiply_add_in_registers,
    .lstm_pack_weights = lstm_pack_weights,
    .lstm_pack_bias = lstm_pack_bias,
    .pack_interleaved_rows = pack_interleaved_rows,
    .lstm_unpack_gradient = lstm_unpack_gradient,
    .lstm_forward = flushing_lstm_forward,
    .lstm_backward = flushing_lstm_backward,
    .sigmoid = sigmoid,
    .tanh = hyperbolic_tangent,
    .sigmoid_gradient = sigmoid_gradient,
    .tanh_gradient = tanh_gradient,
    .combine = combine,
    .multiply_elements = multiply_elements,
    .sum_of_squares = sum_of_squares,
    .softmax = flushing_softmax,
    .softmax_cross_entropy = flushing_softmax_cross_entropy,
    .softmax_cross_entropy_gradient = flushing_softmax_cross_entropy_gradient,
    .gather_bytes = gather_bytes,
    .adam = flushing_adam,
    .sgd = flushing_sgd,
};
