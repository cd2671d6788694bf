/// The readable kernels: plain loops over logical layouts, in float and in double. Fast kernels are held against the
/// float ones, gradients against central differences of the double ones. Every array is dense.
///
/// `unroll_reference_lstm`: an LSTM over a whole sequence. `x` [B, T, D]; `h0`, `c0` [B, H]; `w_ih` [4H, D];
/// `w_hh` [4H, H]; `bias` [4H]; `peepholes` [3H], of the gates i f o, or NULL; written: `h` [B, T, H], `h_final` and
/// `c_final` [B, H]. `lengths` [B] may be NULL. `unroll_reference_coupled_lstm`: one with three gates f g o.
///
/// `unroll_reference_layer_norm_lstm`: an LSTM with layer normalization. `bias` [9H]: 4H of the gates, H of the cell state
/// as it is shown, 4H of the products with the input before they are normalized; `gains` [9H]: 4H for the products with
/// the input, 4H for those with the hidden state, H for the cell state. `scratch` [8H].
///
/// `unroll_reference_gru`: a GRU. `w_ih` [3H, D] and `w_hh` [3H, H] with gates r z n; `bias` [4H]: r, z, n of the input, n
/// of the hidden state. `unroll_reference_rnn`: a plain RNN. `w_ih` [H, D], `w_hh` [H, H], `bias` [H]; `rectified`: whether
/// it has rectified linear units in place of tanh.
///
/// `unroll_reference_cross_entropy`: mean cross-entropy of softmax(`logits` [rows, C]) against `labels` [rows].
///
/// `unroll_reference_multiply`: `c` [M, N] = `a` [M, K] · `b` [K, N].

#ifndef UNROLL_CKERNELS_REFERENCE_H
#define UNROLL_CKERNELS_REFERENCE_H

#include <stdint.h>

#pragma clang assume_nonnull begin

#define UNROLL_DECLARE_REFERENCE(REAL, SUFFIX)                                                                       \
  void unroll_reference_lstm_##SUFFIX(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden,                  \
                                      int32_t reversed, const int32_t *_Nullable lengths, const REAL *x,             \
                                      const REAL *h0, const REAL *c0, const REAL *w_ih, const REAL *w_hh,            \
                                      const REAL *bias, const REAL *_Nullable peepholes, REAL *h, REAL *h_final,     \
                                      REAL *c_final);                                                                \
  void unroll_reference_coupled_lstm_##SUFFIX(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden,          \
                                              int32_t reversed, const int32_t *_Nullable lengths, const REAL *x,     \
                                              const REAL *h0, const REAL *c0, const REAL *w_ih, const REAL *w_hh,    \
                                              const REAL *bias, REAL *h, REAL *h_final, REAL *c_final);              \
  void unroll_reference_layer_norm_lstm_##SUFFIX(                                                                     \
      int64_t batch, int64_t steps, int64_t inputs, int64_t hidden, int32_t reversed,                                 \
      const int32_t *_Nullable lengths, const REAL *x, const REAL *h0, const REAL *c0, const REAL *w_ih,              \
      const REAL *w_hh, const REAL *bias, const REAL *gains, REAL *scratch, REAL *h, REAL *h_final, REAL *c_final);   \
  void unroll_reference_gru_##SUFFIX(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden, int32_t reversed, \
                                     const int32_t *_Nullable lengths, const REAL *x, const REAL *h0,                \
                                     const REAL *w_ih, const REAL *w_hh, const REAL *bias, REAL *h, REAL *h_final);  \
  void unroll_reference_rnn_##SUFFIX(int64_t batch, int64_t steps, int64_t inputs, int64_t hidden, int32_t reversed, \
                                     int32_t rectified, const int32_t *_Nullable lengths, const REAL *x,             \
                                     const REAL *h0, const REAL *w_ih, const REAL *w_hh, const REAL *bias, REAL *h,  \
                                     REAL *h_final);                                                                 \
  REAL unroll_reference_cross_entropy_##SUFFIX(int64_t rows, int64_t classes, const REAL *logits,                    \
                                               const int32_t *labels);                                               \
  void unroll_reference_multiply_##SUFFIX(int64_t m, int64_t n, int64_t k, const REAL *a, const REAL *b, REAL *c);

UNROLL_DECLARE_REFERENCE(float, float)
UNROLL_DECLARE_REFERENCE(double, double)

#undef UNROLL_DECLARE_REFERENCE
#pragma clang assume_nonnull end
#endif
