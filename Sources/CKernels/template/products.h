// What recurrent layers need of products in one precision. The including file defines LANES, TILE_ROWS and TILE_VECTORS as
// for table.h, and
//
//   GROUP   1 for single precision, 2 for bf16
//
// and gets PRODUCTS(name), the initializer of an UnrollProducts.
//
// How it all hangs together, from the inside out:
//
//   vector.h    a vector of LANES floats, and sigmoid and tanh on several of them side by side, because each step of an
//               exponential waits for the one before it.
//   tile.h      the one inner loop. A tile keeps TILE_ROWS × TILE_VECTORS sums in registers; per step of the inner
//               dimension it loads TILE_VECTORS vectors of one operand and, one after the other, TILE_ROWS broadcast
//               words of the other: 10 loads for 24 multiply-adds with AVX-512, which two multiply-add units need 12
//               cycles for. A word is a float, or two bfloat16 numbers. While it runs, the tile fetches the memory that
//               comes after it.
//   gates.h     how gates lie in memory (UnrollGates in CKernels.h), how weights are packed so that tiles read them from
//               front to back, and the sums over all rows and steps that are the gradient of the weights.
//   sequence.h  the loops over steps, hidden units and rows of the batch, the same for all cells. Rows never meet, so a
//               thread takes its rows through all steps without waiting for another.
//   lstm.h, coupled_lstm.h, layer_norm_lstm.h, gru.h, rnn.h
//               a cell is two tiles. Forward: the products of a few rows with the gates of the same LANES hidden units
//               meet in registers, the nonlinearities are taken there, and states and gates are stored. Backward: the
//               product of the next step's dz with the recurrent weights stays in registers as the gradient of the hidden
//               state, and this step's dz is made from it and from what was saved.
//
// To add a cell: its slots and its two tiles in a file of its own, its functions in PRODUCTS, its kind in CellKind.swift,
// and a readable reference in reference.h.

enum { MAX_ROWS = 6, MAX_VECTORS = 4 };
_Static_assert(TILE_ROWS <= MAX_ROWS && (TILE_VECTORS == 2 || TILE_VECTORS == 4), "no such tile");

#include "vector.h"
#include "tile.h"
#include "gates.h"
#include "sequence.h"
#include "lstm.h"
#include "coupled_lstm.h"
#include "layer_norm_lstm.h"
#include "gru.h"
#include "rnn.h"

FLUSHING(multiply_gates, (UnrollGates gates, int64_t hidden, int64_t n, const void *dz, int64_t dz_row,
                          const void *packed, float *c, int64_t c_row, int64_t first, int64_t last),
         (gates, hidden, n, dz, dz_row, packed, c, c_row, first, last))
FLUSHING(accumulate_transposed, (UnrollGates gates, int64_t hidden, int64_t k, UnrollRows rows, const void *a,
                                 const void *dz, float *out, int64_t out_panel, int64_t first, int64_t last),
         (gates, hidden, k, rows, a, dz, out, out_panel, first, last))
FLUSHING(lstm_forward, (const UnrollForward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(lstm_backward, (const UnrollBackward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(peephole_lstm_forward, (const UnrollForward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(peephole_lstm_backward, (const UnrollBackward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(coupled_lstm_forward, (const UnrollForward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(coupled_lstm_backward, (const UnrollBackward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(layer_norm_lstm_forward, (const UnrollForward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(layer_norm_lstm_backward, (const UnrollBackward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(gru_forward, (const UnrollForward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(gru_backward, (const UnrollBackward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(rnn_forward, (const UnrollForward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(rnn_backward, (const UnrollBackward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(irnn_forward, (const UnrollForward *m, int64_t first, int64_t last), (m, first, last))
FLUSHING(irnn_backward, (const UnrollBackward *m, int64_t first, int64_t last), (m, first, last))

#define PRODUCTS(precision)                                                        \
  {                                                                                \
      .name = precision,                                                           \
      .element_size = sizeof(Element),                                             \
      .group = GROUP,                                                              \
      .multiply_adds_per_round = PEAK_CHAINS * LANES * GROUP,                      \
      .lstm =                                                                      \
          {                                                                        \
              .recurrent = LSTM_GATES,                                             \
              .input = LSTM_GATES,                                                 \
              .bias = LSTM_GATES,                                                  \
              .has_cell_state = 1,                                                 \
              .saves_gates = 1,                                                    \
              .forward = flushing_lstm_forward,                                    \
              .backward = flushing_lstm_backward,                                  \
          },                                                                       \
      .peephole_lstm =                                                             \
          {                                                                        \
              .recurrent = LSTM_GATES,                                             \
              .input = LSTM_GATES,                                                 \
              .bias = LSTM_GATES,                                                  \
              .scales = PEEPHOLES,                                                 \
              .has_cell_state = 1,                                                 \
              .saves_gates = 1,                                                    \
              .forward = flushing_peephole_lstm_forward,                           \
              .backward = flushing_peephole_lstm_backward,                         \
          },                                                                       \
      .coupled_lstm =                                                              \
          {                                                                        \
              .recurrent = COUPLED_LSTM_GATES,                                     \
              .input = COUPLED_LSTM_GATES,                                         \
              .bias = COUPLED_LSTM_GATES,                                          \
              .has_cell_state = 1,                                                 \
              .saves_gates = 1,                                                    \
              .forward = flushing_coupled_lstm_forward,                            \
              .backward = flushing_coupled_lstm_backward,                          \
          },                                                                       \
      .layer_norm_lstm =                                                           \
          {                                                                        \
              .recurrent = LAYER_NORM_GATES(0),                                    \
              .input = LAYER_NORM_GATES(4),                                        \
              .bias = {.slots = 12},                                               \
              .bias_planes = BIAS_PLANES,                                          \
              .scales = GAIN_PLANES,                                               \
              .has_cell_state = 1,                                                 \
              .saves_gates = 1,                                                    \
              .needs_gates = 1,                                                    \
              .forward = flushing_layer_norm_lstm_forward,                         \
              .backward = flushing_layer_norm_lstm_backward,                       \
          },                                                                       \
      .gru =                                                                       \
          {                                                                        \
              .recurrent = GRU_RECURRENT_GATES,                                    \
              .input = GRU_INPUT_GATES,                                            \
              .bias = GRU_BIAS_GATES,                                              \
              .saves_gates = 1,                                                    \
              .forward = flushing_gru_forward,                                     \
              .backward = flushing_gru_backward,                                   \
          },                                                                       \
      .rnn =                                                                       \
          {                                                                        \
              .recurrent = RNN_GATES,                                              \
              .input = RNN_GATES,                                                  \
              .bias = RNN_GATES,                                                   \
              .forward = flushing_rnn_forward,                                     \
              .backward = flushing_rnn_backward,                                   \
          },                                                                       \
      .irnn =                                                                      \
          {                                                                        \
              .recurrent = RNN_GATES,                                              \
              .input = RNN_GATES,                                                  \
              .bias = RNN_GATES,                                                   \
              .forward = flushing_irnn_forward,                                    \
              .backward = flushing_irnn_backward,                                  \
          },                                                                       \
      .to_elements = to_elements,                                                  \
      .pack_gates = pack_gates,                                                    \
      .pack_transposed_gates = pack_transposed_gates,                              \
      .multiply_gates = flushing_multiply_gates,                                   \
      .sums_panel = sums_panel,                                                    \
      .accumulate_transposed = flushing_accumulate_transposed,                     \
      .multiply_add_in_registers = multiply_add_in_registers,                      \
  }
