// The kernels of one instruction set as a table. The including file defines
//
//   TABLE, TABLE_NAME  the table's symbol and its name
//   LANES              floats in one vector
//   TILE_ROWS × TILE_VECTORS   register tile of a matrix product; 2 or 4 vectors
//
// and has switched the compiler to the instruction set.

#define GROUP 1
#include "products.h"
#include "matrix.h"
#include "elementwise.h"
#include "losses.h"
#include "warp.h"

FLUSHING(multiply, (int64_t n, int64_t k, UnrollMatrix a, const float *b, int64_t b_row, const float *bias, float *c,
                    int64_t c_row, int64_t first, int64_t last),
         (n, k, a, b, b_row, bias, c, c_row, first, last))
FLUSHING(sigmoid, (int64_t n, const float *x, float *out), (n, x, out))
FLUSHING(hyperbolic_tangent, (int64_t n, const float *x, float *out), (n, x, out))
FLUSHING(relu, (int64_t n, const float *x, float *out), (n, x, out))
FLUSHING(sigmoid_gradient, (int64_t n, const float *y, const float *dy, float *out), (n, y, dy, out))
FLUSHING(tanh_gradient, (int64_t n, const float *y, const float *dy, float *out), (n, y, dy, out))
FLUSHING(relu_gradient, (int64_t n, const float *y, const float *dy, float *out), (n, y, dy, out))
FLUSHING(combine, (int64_t n, float alpha, const float *x, float beta, const float *y, float *out),
         (n, alpha, x, beta, y, out))
FLUSHING(multiply_elements, (int64_t n, const float *x, const float *y, float *out), (n, x, y, out))
FLUSHING(multiply_rows, (int64_t rows, int64_t columns, const float *x, int64_t x_row, const float *y, int64_t y_row,
                         float *out, int64_t out_row),
         (rows, columns, x, x_row, y, y_row, out, out_row))
FLUSHING(layer_norm, (int64_t rows, int64_t columns, const float *x, int64_t x_row, const float *weight,
                      const float *bias, float epsilon, float *normalized, float *inverse_deviations, float *out,
                      int64_t out_row),
         (rows, columns, x, x_row, weight, bias, epsilon, normalized, inverse_deviations, out, out_row))
FLUSHING(layer_norm_gradient, (int64_t rows, int64_t columns, const float *dy, int64_t dy_row, const float *weight,
                               const float *normalized, const float *inverse_deviations, float *out, int64_t out_row),
         (rows, columns, dy, dy_row, weight, normalized, inverse_deviations, out, out_row))
FLUSHING(softmax, (int64_t rows, int64_t classes, const float *logits, int64_t logits_row, float *out, int64_t out_row),
         (rows, classes, logits, logits_row, out, out_row))
FLUSHING(softmax_cross_entropy, (int64_t rows, int64_t classes, const float *logits, const int32_t *labels,
                                 int64_t label_stride, const float *weights, int64_t weight_stride, float smoothing,
                                 float *losses, float *gradient),
         (rows, classes, logits, labels, label_stride, weights, weight_stride, smoothing, losses, gradient))
FLUSHING(soft_cross_entropy, (int64_t rows, int64_t classes, const float *logits, const float *targets,
                              const float *weights, int64_t weight_stride, float *losses, float *gradient),
         (rows, classes, logits, targets, weights, weight_stride, losses, gradient))
FLUSHING(gather_bytes, (int64_t rows, int64_t count, const uint8_t *bytes, int64_t item, int64_t offset, int64_t stride,
                        const int32_t *indices, float scale, float shift, float *out, int64_t out_row),
         (rows, count, bytes, item, offset, stride, indices, scale, shift, out, out_row))
FLUSHING(gather_listed_bytes, (int64_t rows, int64_t count, const uint8_t *bytes, int64_t item, const int32_t *places,
                               const int32_t *indices, float scale, float shift, float *out, int64_t out_row),
         (rows, count, bytes, item, places, indices, scale, shift, out, out_row))
FLUSHING(warp_bytes, (int64_t height, int64_t width, int64_t controls, const float *basis_y, const float *basis_x,
                      const float *control, const uint8_t *bytes, float *padded, float scale, float shift, float *out),
         (height, width, controls, basis_y, basis_x, control, bytes, padded, scale, shift, out))
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
    .fp32 = PRODUCTS("fp32"),
    .pack_bias = pack_bias,
    .unpack_gradient = unpack_gradient,
    .sigmoid = flushing_sigmoid,
    .tanh = flushing_hyperbolic_tangent,
    .relu = flushing_relu,
    .sigmoid_gradient = flushing_sigmoid_gradient,
    .tanh_gradient = flushing_tanh_gradient,
    .relu_gradient = flushing_relu_gradient,
    .combine = flushing_combine,
    .multiply_elements = flushing_multiply_elements,
    .sum_of_squares = sum_of_squares,
    .multiply_rows = flushing_multiply_rows,
    .layer_norm = flushing_layer_norm,
    .layer_norm_gradient = flushing_layer_norm_gradient,
    .softmax = flushing_softmax,
    .softmax_cross_entropy = flushing_softmax_cross_entropy,
    .soft_cross_entropy = flushing_soft_cross_entropy,
    .gather_bytes = flushing_gather_bytes,
    .gather_listed_bytes = flushing_gather_listed_bytes,
    .warp_bytes = flushing_warp_bytes,
    .adam = flushing_adam,
    .sgd = flushing_sgd,
};
