@testable import Interchange
import Unroll

extension Parser {
  static let weights = Parser(
    name: "weights",
    // The first byte chooses whose weights they are, and the cell. Then comes a line for each array: its name, and the
    // size of each dimension.
    seeds: [
      "\0in.weight 3 2\nin.bias 3\nlstm.weight_ih_l0 8 3\nlstm.weight_hh_l0 8 2\nlstm.bias_ih_l0 8\n"
        + "lstm.bias_hh_l0 8\nout.weight 2 2\nout.bias 2",
      "\0gru.weight_ih_l0 3 2\ngru.weight_hh_l0 3 1\ngru.weight_ih_l0_reverse 3 2\ngru.weight_hh_l0_reverse 3 1\n"
        + "gru.weight_ih_l1 3 2\ngru.weight_hh_l1 3 1\ngru.weight_ih_l1_reverse 3 2\ngru.weight_hh_l1_reverse 3 1\n"
        + "fc.weight 2 2",
      "\u{1}s/dense/kernel 2 3\ns/dense/bias 3\ns/gru/gru_cell/kernel 3 6\ns/gru/gru_cell/recurrent_kernel 2 6\n"
        + "s/gru/gru_cell/bias 2 6\ns/dense_1/kernel 2 2\ns/dense_1/bias 2",
      "\u{1}s/bidirectional/forward_lstm/lstm_cell/kernel 2 4\n"
        + "s/bidirectional/forward_lstm/lstm_cell/recurrent_kernel 1 4\ns/bidirectional/forward_lstm/lstm_cell/bias 4\n"
        + "s/bidirectional/backward_lstm/lstm_cell/kernel 2 4\n"
        + "s/bidirectional/backward_lstm/lstm_cell/recurrent_kernel 1 4\n"
        + "s/bidirectional/backward_lstm/lstm_cell/bias 4\ns/dense/kernel 2 2\ns/dense/bias 2",
      "\u{5}input.weight 3 2\ninput.bias 3\nrnn.Wxh 2 3\nrnn.Whh 2 2\nrnn.bias 2\nhead.weight 2 2\nhead.bias 2",
      "\u{2}l.0.Wx 8 2\nl.0.Wh 8 2\nl.0.bias 8\nl.1.Wx 8 2\nl.1.Wh 8 2\nl.1.bias 8\nhead.weight 2 2",
      "\u{2}g.Wx 3 2\ng.Wh 3 1\ng.b 3\ng.bhn 1\nh.weight 2 1",
    ].map { Array($0.utf8) },
    words: [
      "weight", "weight_ih_l1", "weight_hh_l1", "bias_ih_l0", "bias_hh_l0", "_reverse", "kernel", "recurrent_kernel",
      "bias", "bhn", "Wx", "Wh", "Wxh", "Whh", "forward_", "backward_", "lstm_1", " 0", " 1\n", " 65536", ".", "/",
    ]
  ) { bytes in
    guard let first = bytes.first else { return }
    let format = WeightFormat.allCases[Int(first) % WeightFormat.allCases.count]
    let cells: [CellKind?] = [nil, .rnn, .irnn, .lstm, .gru]
    let cell = cells[Int(first) / WeightFormat.allCases.count % cells.count]
    let arrays = bytes.dropFirst().split(separator: UInt8(ascii: "\n")).compactMap(array)
    refusingModel {
      let weights = try ImportedWeights(
        arrays: Dictionary(arrays) { first, _ in first }, path: "name", format: format, cell: cell, names: .init(),
        on: .cpu)
      check(weights.classifier)
    }
  }
}

/// The array that a line describes, with some numbers; `nil` if it would be large, or the line is none.
@Sendable private func array(_ line: ArraySlice<UInt8>) -> (String, SafetensorsArray)? {
  let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
  let shape = words.dropFirst().compactMap { Int($0) }
  var count = 1
  for size in shape {
    guard (0...4096).contains(size), count * size <= 4096 else { return nil }
    count *= size
  }
  guard let name = words.first, shape.count == words.count - 1 else { return nil }
  return (name, SafetensorsArray(shape: shape, floats: (0..<count).map { Float($0 % 5) - 2 }))
}
