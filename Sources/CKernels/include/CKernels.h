/// The arithmetic of Unroll, in C: one table of functions per instruction set, picked at run time.
///
/// Kernels own arithmetic, callers own memory: no kernel allocates, starts a thread or touches a global. Every kernel
/// that is worth threading takes a half-open range of independent pieces, and the result of a piece does not depend on
/// how the pieces are cut into ranges; so results have the same bits for any number of threads.
/// While a kernel computes, denormal numbers count as zero; packing, unpacking and `sum_of_squares`, which is in double,
/// keep them.
///
/// Letters used for sizes everywhere below:
///   B  rows of the batch            D  features of one input step
///   T  steps of the sequence        H  hidden units
///   L  floats in one vector         P  = L · ceil(H / L), hidden units padded to whole vectors
///   C  classes                      M, N, K  rows, columns and inner size of a matrix product
///
/// Gates come in the order input, forget, cell, output (i f g o), as in PyTorch. Outside this library matrices lie as
/// PyTorch has them. Inside, gate values are *interleaved*: for each block of L hidden units the L input gates, then the
/// L forget, cell and output gates, so that one tile of registers holds all four gates of the same units. An
/// interleaved row has 4·P floats, and column `block·4L + gate·L + lane` belongs to row `gate·H + block·L + lane` of a
/// logical weight matrix.
///
/// "May be NULL" is said where it holds; no two pointer parameters may overlap unless it is said.

#ifndef UNROLL_CKERNELS_H
#define UNROLL_CKERNELS_H

#include <stdint.h>

#include "CKernelsReference.h"

#pragma clang assume_nonnull begin

/// A matrix in memory: element (i, k) is `base[i * row + k * column]`.
typedef struct {
  const float *base;
  int64_t row, column;
} UnrollMatrix;

/// An LSTM over a whole sequence, forward.
///
/// Sequence buffers are time-major: row b of step t starts at `t * step + b * row`. A step stride of 0 for `c` keeps
/// only the newest cell state.
typedef struct {
  int64_t batch, steps, inputs, hidden;
  /// Non-zero: each row is read from its last valid step down to step 0; outputs stay at their step's place.
  int32_t reversed;
  /// [B] valid steps of each row, 0...T, or NULL: all T. Steps beyond are neither read nor counted: their hidden
  /// state (and, where kept, cell state) is written as zero, and the final state is the one at the true end.
  /// A row of no steps leaves its final state as it was.
  const int32_t *_Nullable lengths;
  /// Input, D floats a row.
  const float *x;
  int64_t x_step, x_row;
  /// [B, P] state before the first step, padding zero; NULL: zeros.
  const float *_Nullable h0;
  const float *_Nullable c0;
  /// From `lstm_pack_weights` and `lstm_pack_bias`.
  const float *weights;
  const float *bias;
  /// Hidden state after each step, written, P floats a row.
  float *h;
  int64_t h_step, h_row;
  /// Cell state after each step, written, P floats a row.
  float *c;
  int64_t c_step, c_row;
  /// Saved for the backward pass, or NULL: activated gates, 4·P interleaved floats a row, and tanh of the cell state,
  /// P floats a row with the strides of `c`. Not written at steps beyond a row's length.
  float *_Nullable gates;
  int64_t gates_step, gates_row;
  float *_Nullable tanh_c;
  /// [B, P] state after the last valid step, or NULL.
  float *_Nullable h_final;
  float *_Nullable c_final;
} UnrollLSTMForward;

/// The backward pass through time of the same LSTM.
typedef struct {
  int64_t batch, steps, hidden;
  int32_t reversed;
  const int32_t *_Nullable lengths;
  /// [B, P] or NULL, as in the forward pass.
  const float *_Nullable c0;
  /// From `pack_interleaved_rows` of the recurrent weights.
  const float *weights;
  const float *c;
  int64_t c_step, c_row;
  /// With the strides of `c`.
  const float *tanh_c;
  /// In: the saved gates. Out: the gradient with respect to the gates' pre-activations (dz), zero beyond a row's length.
  float *gates;
  int64_t gates_step, gates_row;
  /// Gradient of the loss with respect to every hidden state, P readable floats a row, or NULL: zero.
  const float *_Nullable dh;
  int64_t dh_step, dh_row;
  /// [B, P] gradient with respect to the final state, or NULL: zero.
  const float *_Nullable dh_final;
  const float *_Nullable dc_final;
  /// [B, P] scratch; afterwards the gradient with respect to the initial cell state. A row of no steps is not touched.
  float *dc;
  /// [B, P] gradient with respect to the initial hidden state, written but for rows of no steps; NULL: not wanted.
  float *_Nullable dh0;
} UnrollLSTMBackward;

/// One table per instruction set.
typedef struct {
  /// "avx512", "avx2" or "baseline".
  const char *name;
  /// L, floats in one vector.
  int64_t lanes;
  /// Columns in one panel of a packed matrix.
  int64_t panel;

  // Matrix products ------------------------------------------------------------------------------------------------

  /// Packs panels [first, last) of the K × N matrix `b` into `packed`: [ceil(N / panel)][K][panel], padding zero.
  void (*pack)(int64_t k, int64_t n, UnrollMatrix b, float *packed, int64_t first, int64_t last);
  /// Rows [first, last) of `c` = `a` · `b` (+ `c` if `accumulate`), `a` M × K in any order, `b` packed, `c` with rows of
  /// N floats `c_row` apart.
  void (*multiply)(int64_t n, int64_t k, UnrollMatrix a, const float *packed, float *c, int64_t c_row,
                   int32_t accumulate, int64_t first, int64_t last);
  /// Columns [first, last) of `panel`-wide column blocks of aᵀ·b summed over `rows`: out[block][i][panel] +=
  /// Σ_r a[r·a_row + i] · b[r·b_row + block·panel + j], for i in [0, K). A row stride of 0 repeats one row.
  void (*accumulate_transposed)(int64_t rows, int64_t k, const float *a, int64_t a_row, const float *b, int64_t b_row,
                                float *out, int64_t out_block, int64_t first, int64_t last);
  /// Does `rounds` · 12 · L multiply-adds that never leave the registers: what the processor could do at best. The result
  /// means nothing.
  float (*multiply_add_in_registers)(int64_t rounds);

  // LSTM -----------------------------------------------------------------------------------------------------------

  /// Packs `w_hh` [4H, H] and `w_ih` [4H, D] for the forward pass, blocks [first, last) of L hidden units:
  /// [P / L][H + D][4·L].
  void (*lstm_pack_weights)(int64_t hidden, int64_t inputs, UnrollMatrix w_hh, UnrollMatrix w_ih, float *packed,
                            int64_t first, int64_t last);
  /// Interleaves `bias` [4H] into 4·P floats.
  void (*lstm_pack_bias)(int64_t hidden, const float *bias, float *packed);
  /// Packs panels [first, last) of a [4H, N] matrix for products with interleaved rows: [ceil(N / panel)][4·P][panel].
  void (*pack_interleaved_rows)(int64_t hidden, int64_t n, UnrollMatrix w, float *packed, int64_t first, int64_t last);
  /// Writes a gradient summed by `accumulate_transposed` over interleaved columns, blocks [first, last), to its logical
  /// place: `out` [4H, K], rows `out_row` apart.
  void (*lstm_unpack_gradient)(int64_t hidden, int64_t k, const float *blocks, int64_t block_stride, float *out,
                               int64_t out_row, int64_t first, int64_t last);
  /// Runs batch rows [first, last) through all steps.
  void (*lstm_forward)(const UnrollLSTMForward *arguments, int64_t first, int64_t last);
  /// Runs batch rows [first, last) back through all steps.
  void (*lstm_backward)(const UnrollLSTMBackward *arguments, int64_t first, int64_t last);

  // Element by element ---------------------------------------------------------------------------------------------
  // `n` floats; the output may be one of the inputs.

  void (*sigmoid)(int64_t n, const float *x, float *out);
  void (*tanh)(int64_t n, const float *x, float *out);
  /// out = dy · y · (1 − y), with y = sigmoid(x).
  void (*sigmoid_gradient)(int64_t n, const float *y, const float *dy, float *out);
  /// out = dy · (1 − y²), with y = tanh(x).
  void (*tanh_gradient)(int64_t n, const float *y, const float *dy, float *out);
  /// out = alpha · x + beta · y; y is not read if beta is 0.
  void (*combine)(int64_t n, float alpha, const float *x, float beta, const float *y, float *out);
  void (*multiply_elements)(int64_t n, const float *x, const float *y, float *out);
  /// Σ x², summed in double in an order that depends on n alone.
  double (*sum_of_squares)(int64_t n, const float *x);

  // Losses ---------------------------------------------------------------------------------------------------------

  /// Softmax of `rows` rows of C logits; `out` may be `logits`.
  void (*softmax)(int64_t rows, int64_t classes, const float *logits, int64_t logits_row, float *out, int64_t out_row);
  /// Cross-entropy of each row against its label (0 ≤ label < C): `losses` [rows], `probabilities` [rows, C].
  void (*softmax_cross_entropy)(int64_t rows, int64_t classes, const float *logits, int64_t logits_row,
                                const int32_t *labels, float *losses, float *probabilities);
  /// Its gradient: out[r, c] = (p[r, c] − [c = label r]) · scale · d[r·d_stride]. `out` may be `probabilities`.
  void (*softmax_cross_entropy_gradient)(int64_t rows, int64_t classes, const float *probabilities,
                                         const int32_t *labels, const float *d, int64_t d_stride, float scale,
                                         float *out);

  // Data and optimizers --------------------------------------------------------------------------------------------

  /// out[r·out_row + d] = scale · bytes[indices[r]·item + offset + d·stride] + shift, d in [0, count), r in [0, rows).
  void (*gather_bytes)(int64_t rows, int64_t count, const uint8_t *bytes, int64_t item, int64_t offset, int64_t stride,
                       const int32_t *indices, float scale, float shift, float *out, int64_t out_row);
  /// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2) in place; `rate` is the learning rate
  /// over 1 − β₁ᵗ, `correction` is 1 / √(1 − β₂ᵗ), `decay` is learning rate × weight decay.
  void (*adam)(int64_t n, float *parameter, const float *gradient, float *first_moment, float *second_moment,
               float rate, float correction, float beta1, float beta2, float epsilon, float decay);
  /// SGD with momentum in PyTorch's form, in place: v ← μ·v + g; p ← p − rate · (nesterov ? g + μ·v : v).
  void (*sgd)(int64_t n, float *parameter, const float *gradient, float *velocity, float rate, float momentum,
              int32_t nesterov);
} UnrollKernels;

/// The tables that this processor can run, widest first. Returns NULL beyond the last, which is always the baseline.
const UnrollKernels *_Nullable unroll_kernels(int32_t index);

#pragma clang assume_nonnull end
#endif
