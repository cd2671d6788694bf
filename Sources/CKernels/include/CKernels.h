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
/// Outside this library matrices lie as PyTorch has them. Inside, gate values are *interleaved*: for each block of L hidden
/// units, the L values of one gate, then the L values of the next, so that one tile of registers holds all gates of the
/// same units. The places for L values are *slots*; a cell with S slots has interleaved rows of S·P floats, and slot s of
/// block j starts at (j·S + s)·L. `UnrollGates` says which gate stands in which slot.
///
/// Products read *elements*: floats in single precision, bfloat16 numbers (the upper half of a float) in bf16, where sums
/// stay floats all the same. Elements are multiplied in groups of `group` (1 or 2) along the inner dimension, which is
/// padded with zeros to a whole number of groups: E(n) is n rounded up. Strides count elements, and rows of elements start
/// at a whole group.
///
/// "May be NULL" is said where it holds; no two pointer parameters may overlap unless it is said.

#ifndef UNROLL_CKERNELS_H
#define UNROLL_CKERNELS_H

#include <stdint.h>

#include "CKernelsReference.h"

#pragma clang assume_nonnull begin

/// What keeps the recurrent layers' layer normalization from a division by zero, as PyTorch has it.
#define UNROLL_LAYER_NORM_EPSILON 1e-5f

/// A matrix in memory: element (i, k) is `base[i * row + k * column]`.
typedef struct {
  const float *base;
  int64_t row, column;
} UnrollMatrix;

/// A run of neighbouring slots of an interleaved row, and the gates of a logical matrix that stand in them.
typedef struct {
  /// The first slot, their number, and all slots of the row.
  int32_t first, count, slots;
  /// For each of them the gate: its rows of the logical matrix are gate·H ..< (gate + 1)·H.
  int32_t gates[4];
} UnrollGates;

/// Rows of two arrays that go together: `runs` times `count` neighbours. Distances count elements; 0 repeats one row.
typedef struct {
  int64_t runs, count;
  int64_t a_run, a_row, dz_run, dz_row;
} UnrollRows;

/// A recurrent layer over a whole sequence, forward.
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
  /// Input, E(D) elements a row, padding zero.
  const void *x;
  int64_t x_step, x_row;
  /// [B, P] state before the first step, padding zero; NULL: zeros. `h0_elements` is `h0` as elements; in single
  /// precision the same pointer. `c0` is NULL for cells without a cell state.
  const float *_Nullable h0;
  const void *_Nullable h0_elements;
  const float *_Nullable c0;
  /// [blocks][E(H) + E(D)][recurrent.count · L] elements, from `pack_gates`: recurrent weights, then those of the input.
  const void *weights;
  /// From `pack_bias`; for a cell with planes of biases [bias_planes][P], padding zero.
  const float *bias;
  /// [scales][P] factors that act unit by unit, padding zero; NULL for cells without.
  const float *_Nullable scales;
  /// Hidden state after each step, written, P floats a row.
  float *h;
  int64_t h_step, h_row;
  /// The same as elements, P a row, written and read again; in single precision `h` itself with its strides.
  void *h_elements;
  int64_t h_elements_step, h_elements_row;
  /// Cell state after each step, written, P floats a row; NULL for cells without.
  float *_Nullable c;
  int64_t c_step, c_row;
  /// Saved for the backward pass, or NULL: activated gates, S·P interleaved floats a row (LSTM i f g o; coupled LSTM f g o;
  /// GRU n r z and the product of the new gate with the hidden state before its reset; layer-norm LSTM i f g o, then the
  /// products with the hidden state and those with the input, less their means), and for an LSTM tanh of the cell state, of
  /// a layer-norm LSTM that of what it is normalized to, P floats a row with the strides of `c`. Not written at steps beyond
  /// a row's length. A plain RNN saves nothing. Where `gates` are scratch and not saved, a step stride of 0 will do.
  float *_Nullable gates;
  int64_t gates_step, gates_row;
  float *_Nullable tanh_c;
  /// [B, P] state after the last valid step, or NULL.
  float *_Nullable h_final;
  float *_Nullable c_final;
} UnrollForward;

/// The backward pass through time of the same layer.
typedef struct {
  int64_t batch, steps, hidden;
  int32_t reversed;
  const int32_t *_Nullable lengths;
  /// [B, P] or NULL, as in the forward pass.
  const float *_Nullable h0;
  const float *_Nullable c0;
  /// From `pack_transposed_gates` of the recurrent weights.
  const void *weights;
  /// As in the forward pass.
  const float *_Nullable scales;
  /// Added to, rows of [scales][P] floats, or [scales + bias_planes][P], `scale_gradients_row` apart: shares of the gradient
  /// with respect to `scales` and to planes of biases, summed in the order in which steps are gone back, and rows within
  /// them. Batch row b has its share in row b / `rows_per_sum`. NULL for cells without.
  float *_Nullable scale_gradients;
  int64_t scale_gradients_row, rows_per_sum;
  /// The hidden states that the forward pass wrote; not read for an LSTM.
  const float *h;
  int64_t h_step, h_row;
  /// The cell states, and their tanh with the same strides; NULL for cells without.
  const float *_Nullable c;
  int64_t c_step, c_row;
  float *_Nullable tanh_c;
  /// The saved gates; NULL for a plain RNN. The layer-norm LSTM writes to both these and `tanh_c`.
  float *_Nullable gates;
  int64_t gates_step, gates_row;
  /// Written: the gradient with respect to the gates' pre-activations, S·P elements a row in the slots of the gates, zero
  /// beyond a row's length. In single precision it may be `gates` itself, with the same strides.
  void *dz;
  int64_t dz_step, dz_row;
  /// Gradient of the loss with respect to every hidden state, P readable floats a row, or NULL: zero.
  const float *_Nullable dh;
  int64_t dh_step, dh_row;
  /// [B, P] gradient with respect to the final state, or NULL: zero.
  const float *_Nullable dh_final;
  const float *_Nullable dc_final;
  /// [B, P] scratch: the gradient that reaches the step before other than through the products. A row of no steps is not
  /// touched. Afterwards, for an LSTM, the gradient with respect to the initial cell state. NULL for a plain RNN.
  float *_Nullable carried;
  /// [B, P] gradient with respect to the initial hidden state, written but for rows of no steps; NULL: not wanted.
  float *_Nullable dh0;
} UnrollBackward;

/// A kind of cell, computed with products of one precision.
typedef struct {
  /// The gates that are products with the hidden state, those that are products with the input, and all that have a bias.
  /// The logical bias is [bias.count · H]: LSTM i f g o; coupled LSTM f g o; GRU r z, n of the input, n of the hidden
  /// state.
  UnrollGates recurrent, input, bias;
  /// Factors for each hidden unit that act on it alone: the peepholes of an LSTM, those of i f o.
  int32_t scales;
  /// Where biases are not one to a gate, how many there are for each hidden unit: they lie in planes like `scales`, and so do
  /// their gradients. Else 0.
  int32_t bias_planes;
  /// Whether there is a cell state, whether gates are saved for the backward pass, and whether the forward pass needs room
  /// for them in any case.
  int32_t has_cell_state, saves_gates, needs_gates;
  /// Runs batch rows [first, last) through all steps.
  void (*forward)(const UnrollForward *arguments, int64_t first, int64_t last);
  /// Runs batch rows [first, last) back through all steps.
  void (*backward)(const UnrollBackward *arguments, int64_t first, int64_t last);
} UnrollCell;

/// What recurrent layers need of products in one precision.
typedef struct {
  /// "fp32" or "bf16".
  const char *name;
  /// Bytes of an element, and how many elements are multiplied at a time along the inner dimension.
  int64_t element_size, group;
  /// Floats that this precision's peak loop multiplies and adds per round: see `multiply_add_in_registers`.
  int64_t multiply_adds_per_round;
  UnrollCell lstm, peephole_lstm, coupled_lstm, layer_norm_lstm, gru, rnn, irnn;

  /// Floats to elements: `rows` rows of `count`, each padded with zeros to E(count).
  void (*to_elements)(int64_t rows, int64_t count, const float *x, int64_t x_row, void *out, int64_t out_row);
  /// Packs the weights `w` [gates·H, K], rows `w_row` apart, of blocks [first, last) of L hidden units for the forward
  /// pass: block j goes to `packed` + j · `block_stride`, as [E(K)][gates.count · L] elements (in groups along K).
  void (*pack_gates)(UnrollGates gates, int64_t hidden, int64_t k, const float *w, int64_t w_row, void *packed,
                     int64_t block_stride, int64_t first, int64_t last);
  /// Packs panels [first, last) of the weights `w` [gates·H, N], rows `w_row` apart, for products of interleaved rows with
  /// them: [ceil(N / panel)][P / L · gates.count · L][panel] elements (in groups along the middle dimension).
  void (*pack_transposed_gates)(UnrollGates gates, int64_t hidden, int64_t n, const float *w, int64_t w_row, void *packed,
                                int64_t first, int64_t last);
  /// Rows [first, last) of `c` [rows, N] = `dz` · `packed`: the gates' part of interleaved rows times
  /// `pack_transposed_gates`; `c` with rows of N floats `c_row` apart.
  void (*multiply_gates)(UnrollGates gates, int64_t hidden, int64_t n, const void *dz, int64_t dz_row,
                         const void *packed, float *c, int64_t c_row, int64_t first, int64_t last);
  /// How many floats of an interleaved row's gates go together in one panel of `accumulate_transposed`.
  int64_t (*sums_panel)(UnrollGates gates);
  /// Sums over rows of dzᵀ·a, for the panels [first, last) of the gates' columns, counted without the other slots:
  /// out[panel][i][j] += Σ_r a(r)[i] · dz(r)[column(panel, j)], i in [0, K), j in [0, sums_panel), over the rows of both.
  /// Panels are `out_panel` floats apart.
  void (*accumulate_transposed)(UnrollGates gates, int64_t hidden, int64_t k, UnrollRows rows, const void *a,
                                const void *dz, float *out, int64_t out_panel, int64_t first, int64_t last);
  /// The result means nothing; it does `rounds` · `multiply_adds_per_round` multiply-adds that never leave the registers:
  /// what the processor could do at best.
  float (*multiply_add_in_registers)(int64_t rounds);
} UnrollProducts;

/// One table per instruction set.
typedef struct {
  /// "avx512", "avx2" or "baseline".
  const char *name;
  /// L, floats in one vector.
  int64_t lanes;
  /// Columns in one panel of a packed matrix.
  int64_t panel;

  // Matrix products ------------------------------------------------------------------------------------------------

  /// Packs panels [first, last) of the K × N matrix `b` into `packed`: [ceil(N / panel)][K][panel], padding zero. The last
  /// panel is narrower where one or two vectors hold its columns.
  void (*pack)(int64_t k, int64_t n, UnrollMatrix b, float *packed, int64_t first, int64_t last);
  /// Rows [first, last) of `c` = `a` · `b` + `bias`: `a` M × K in any order; `b` packed if `b_row` is 0, else in place with
  /// dense rows `b_row` apart, for an N that is a multiple of panel; `bias` [N] is added to every row and may be NULL; `c`
  /// with rows of N floats `c_row` apart.
  void (*multiply)(int64_t n, int64_t k, UnrollMatrix a, const float *b, int64_t b_row, const float *_Nullable bias,
                   float *c, int64_t c_row, int64_t first, int64_t last);

  // Recurrent layers -----------------------------------------------------------------------------------------------

  UnrollProducts fp32;
  /// Interleaves a logical `bias` [bias.count · H] into S·P floats.
  void (*pack_bias)(UnrollGates bias_gates, int64_t hidden, const float *bias, float *packed);
  /// Writes sums of `accumulate_transposed` (panels of `panel` floats, `panel_stride` apart) to their logical place: `out`
  /// [gates·H, K], rows `out_row` apart; blocks [first, last) of L hidden units. Adds `more` sums, unless that is NULL.
  void (*unpack_gradient)(UnrollGates gates, int64_t hidden, int64_t k, const float *sums, const float *_Nullable more,
                          int64_t panel, int64_t panel_stride, float *out, int64_t out_row, int64_t first, int64_t last);

  // Element by element ---------------------------------------------------------------------------------------------
  // `n` floats; the output may be one of the inputs.

  void (*sigmoid)(int64_t n, const float *x, float *out);
  void (*tanh)(int64_t n, const float *x, float *out);
  /// out = max(0, x); a NaN stays one.
  void (*relu)(int64_t n, const float *x, float *out);
  /// out = dy · y · (1 − y), with y = sigmoid(x).
  void (*sigmoid_gradient)(int64_t n, const float *y, const float *dy, float *out);
  /// out = dy · (1 − y²), with y = tanh(x).
  void (*tanh_gradient)(int64_t n, const float *y, const float *dy, float *out);
  /// out = dy where y is not 0, else 0, with y = relu(x).
  void (*relu_gradient)(int64_t n, const float *y, const float *dy, float *out);
  /// out = alpha · x + beta · y; y is not read if beta is 0.
  void (*combine)(int64_t n, float alpha, const float *x, float beta, const float *y, float *out);
  void (*multiply_elements)(int64_t n, const float *x, const float *y, float *out);
  /// Σ x², summed in double in an order that depends on n alone.
  double (*sum_of_squares)(int64_t n, const float *x);

  // Row by row -----------------------------------------------------------------------------------------------------
  // `rows` rows of `columns` floats. Rows of `x`, `y`, `dy` and `out` start `x_row`, … floats apart; others are dense.

  /// out = x · y; `out` may be `x` or `y`, with its distance between rows.
  void (*multiply_rows)(int64_t rows, int64_t columns, const float *x, int64_t x_row, const float *y, int64_t y_row,
                        float *out, int64_t out_row);
  /// out = n · weight + bias, with n = (x − mean) · s and s = 1 / √(variance + epsilon) of each row. `weight` and `bias`
  /// are [columns]; `normalized`, n [rows, columns], and `inverse_deviations`, s [rows], are written for the way back.
  void (*layer_norm)(int64_t rows, int64_t columns, const float *x, int64_t x_row, const float *weight,
                     const float *bias, float epsilon, float *normalized, float *inverse_deviations, float *out,
                     int64_t out_row);
  /// Its gradient: out = s · (g − mean of g − n · mean of g·n) with g = dy · weight, the means over each row.
  void (*layer_norm_gradient)(int64_t rows, int64_t columns, const float *dy, int64_t dy_row, const float *weight,
                              const float *normalized, const float *inverse_deviations, float *out, int64_t out_row);

  // Losses ---------------------------------------------------------------------------------------------------------

  /// Softmax of `rows` rows of C logits; `out` may be `logits`.
  void (*softmax)(int64_t rows, int64_t classes, const float *logits, int64_t logits_row, float *out, int64_t out_row);
  /// Cross-entropy of each row of C logits against its target, times the row's weight: `losses` [rows]. The target is
  /// `smoothing` / C for each class and 1 − `smoothing` more for the label (0 ≤ label < C). Row r has the label
  /// `labels[r * label_stride]` and the weight `weights[r * weight_stride]`; a stride of 0 is one for all rows. `gradient`
  /// [rows, C] is that of the losses' sum, (softmax − target) · weight, and may be NULL.
  void (*softmax_cross_entropy)(int64_t rows, int64_t classes, const float *logits, const int32_t *labels,
                                int64_t label_stride, const float *weights, int64_t weight_stride, float smoothing,
                                float *losses, float *_Nullable gradient);
  /// The same with a target of its own for each class: `targets` [rows, C], each row a distribution that sums to 1.
  void (*soft_cross_entropy)(int64_t rows, int64_t classes, const float *logits, const float *targets,
                             const float *weights, int64_t weight_stride, float *losses, float *_Nullable gradient);

  // Data and optimizers --------------------------------------------------------------------------------------------

  /// out[r·out_row + d] = scale · bytes[indices[r]·item + offset + d·stride] + shift, d in [0, count), r in [0, rows).
  void (*gather_bytes)(int64_t rows, int64_t count, const uint8_t *bytes, int64_t item, int64_t offset, int64_t stride,
                       const int32_t *indices, float scale, float shift, float *out, int64_t out_row);
  /// The same for bytes that lie anywhere in an item: those at places[d], or 0 where that is negative.
  void (*gather_listed_bytes)(int64_t rows, int64_t count, const uint8_t *bytes, int64_t item, const int32_t *places,
                              const int32_t *indices, float scale, float shift, float *out, int64_t out_row);
  /// An image with its pixels moved about: a free-form deformation by B-splines (Rueckert et al. 1999), sampled bilinearly,
  /// blank (0) outside of the image. Pixel (y, x) of `out` [height, width] is scale · v + shift, v being what `bytes`
  /// [height, width] has in row Σ_jk basis_y[y][j] · basis_x[k][x] · control[0][j][k], counted from 0, and in the column
  /// that control[1] gives likewise. `basis_y` [height, C], `basis_x` [C, width], `control` [2, C, C], C = `controls` ≤ 16;
  /// `padded` is scratch of (height + 2) · (width + 2) floats.
  void (*warp_bytes)(int64_t height, int64_t width, int64_t controls, const float *basis_y, const float *basis_x,
                     const float *control, const uint8_t *bytes, float *padded, float scale, float shift, float *out);
  /// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2) in place; `rate` is the learning rate
  /// over 1 − β₁ᵗ, `correction` is 1 / √(1 − β₂ᵗ), `decay` is learning rate × weight decay.
  void (*adam)(int64_t n, float *parameter, const float *gradient, float *first_moment, float *second_moment,
               float rate, float correction, float beta1, float beta2, float epsilon, float decay);
  /// SGD with momentum in PyTorch's form, in place: v ← μ·v + g; p ← p − rate · (nesterov ? g + μ·v : v).
  void (*sgd)(int64_t n, float *parameter, const float *gradient, float *velocity, float rate, float momentum,
              int32_t nesterov);
} UnrollKernels;

/// Products in bf16 that go with one of this processor's tables; NULL where it has no instructions for them.
const UnrollProducts *_Nullable unroll_bf16_products(const UnrollKernels *kernels);

/// The tables that this processor can run, widest first. Returns NULL beyond the last, which is always the baseline.
const UnrollKernels *_Nullable unroll_kernels(int32_t index);

#pragma clang assume_nonnull end
#endif
