import Foundation
import Interchange
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

/// Files that hold no network, and networks that another tool has not: what is said about each.
@Suite("Weights that cannot be read or written")
struct WeightProblemTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let format: WeightFormat
    let arrays: [String: SafetensorsArray]
    let cell: CellKind?
    let names: WeightNames
    let message: String

    /// The arrays of a format with some of them replaced, or taken away.
    init(
      _ format: WeightFormat, _ changes: [String: SafetensorsArray?] = [:], cell: CellKind? = nil,
      names: WeightNames = WeightNames(), _ message: String
    ) {
      self.format = format
      let usual =
        switch format {
        case .pytorch: somePyTorchArrays
        case .keras: someKerasArrays
        case .mlx: someMLXArrays
        }
      arrays = changes.reduce(into: usual) { $0[$1.key] = $1.value }
      self.cell = cell
      self.names = names
      self.message = message
    }

    var testDescription: String { message }
  }

  private static func numbers(_ dtype: SafetensorsDType, _ shape: [Int]) -> SafetensorsArray {
    let bytes = shape.reduce(1, *) * dtype.bitWidth / 8
    return SafetensorsArray(dtype: dtype, shape: shape, bytes: [UInt8](repeating: 0x7F, count: bytes))
  }

  static let pytorch: [Case] = [
    Case(
      .pytorch, ["lstm.weight_hh_l0": nil],
      """
      no recurrent layers: expected the state_dict of a module with nn.LSTM, nn.GRU or nn.RNN, whose arrays are called \
      …weight_hh_l0 and so on
      """),
    Case(
      .pytorch, ["gru.weight_hh_l0": someArray(12, 4)], "2 recurrent modules, gru, lstm: name one with --recurrent"),
    Case(.pytorch, ["a\nb.weight_hh_l0": someArray(12, 4)], "2 recurrent modules, a b, lstm: name one"),
    Case(
      .pytorch, names: WeightNames(recurrent: ["rnn"]), "--recurrent rnn: no such layer, expected one of lstm"),
    Case(
      .pytorch, names: WeightNames(recurrent: ["a", "b"]), "--recurrent names 2 modules: PyTorch's layers are one"),
    Case(.pytorch, ["lstm.bias_hh_l0": nil], "lstm.bias_hh_l0 is missing, expected shape [16]"),
    Case(.pytorch, ["lstm.weight_ih_l0_reverse": someArray(16, 5)], "lstm.weight_ih_l0_reverse is unexpected"),
    Case(
      .pytorch, ["bn.weight": someArray(4), "bn.bias": someArray(4)], "bn.bias is unexpected; bn.weight is unexpected"),
    Case(
      .pytorch, ["lstm.weight_ih_l0": someArray(16, 6)],
      """
      linear layers in 3→5, out 4→2; expected a head 4→classes, and at most one more, features→6, in front of the \
      recurrent layers; name them with --input and --head
      """),
    Case(
      .pytorch, ["lstm.weight_ih_l0": someArray(16, 6)], names: WeightNames(input: "in"),
      "in.weight has shape [5, 3], expected [6, 3]; in.bias has shape [5], expected [6]"),
    Case(
      .pytorch, ["out.weight": someArray(2, 9)], names: WeightNames(input: "in", head: "out"),
      "out.weight has shape [2, 9], expected [2, 4]"),
    Case(.pytorch, ["out.bias": someArray(3)], "out.bias has shape [3], expected [2]"),
    Case(
      .pytorch, ["out.weight": nil, "out.bias": nil],
      """
      linear layers in 3→5; expected a head 4→classes, and at most one more, features→5, in front of the recurrent \
      layers; name them with --input and --head
      """),
    Case(
      .pytorch, ["in.weight": someArray(5, 4), "out.weight": someArray(5, 4), "out.bias": someArray(5)],
      """
      linear layers in 4→5, out 4→5; expected a head 4→classes, and at most one more, features→5, in front of the \
      recurrent layers; more than one choice fits: name them with --input and --head
      """),
    Case(
      .pytorch, ["a.fc.weight": someArray(2, 4), "b.fc.weight": someArray(2, 4)], names: WeightNames(head: "fc"),
      "--head fc: 2 layers are called that, expected one of a.fc, b.fc"),
    Case(.pytorch, names: WeightNames(input: "front"), "--input front: no such layer, expected one of in, out"),
    Case(
      .pytorch, ["lstm.weight_hh_l0": someArray(16, 5)],
      """
      lstm.weight_hh_l0 has shape [16, 5], expected 4 (LSTM), 3 (GRU) or 1 (plain) gates of as many units as there are \
      in the state: [gates·hidden, hidden]
      """),
    Case(.pytorch, ["lstm.weight_hh_l0": someArray(16)], "lstm.weight_hh_l0 has shape [16], expected 4 (LSTM)"),
    Case(.pytorch, ["lstm.weight_hh_l0": someArray(0, 0)], "lstm.weight_hh_l0 has shape [0, 0], expected 4 (LSTM)"),
    Case(
      .pytorch, ["lstm.weight_ih_l0": someArray(80)], names: WeightNames(input: "in", head: "out"),
      "lstm.weight_ih_l0 has shape [80], expected [16, 80]"),
    Case(
      .pytorch, cell: .gru,
      "lstm.weight_ih_l0 has shape [16, 5], expected [12, 5]; lstm.weight_hh_l0 has shape [16, 4], expected [12, 4]"),
    Case(
      .pytorch, ["lstm.weight_hr_l0": someArray(4, 4)],
      "lstm.weight_hr_l0 projects the hidden state (proj_size), which Unroll's cells do not"),
    Case(.pytorch, ["out.bias": numbers(.i64, [2])], "out.bias holds I64, expected F32"),
    Case(.pytorch, ["out.bias": numbers(.f64, [2])], "out.bias holds numbers that are not finite"),
    Case(
      .pytorch, ["in.weight": nil, "in.bias": nil, "lstm.weight_ih_l0": someArray(16, 5000)],
      "no input layer in front of 5000 features: the identity stands for one up to 4096"),
    Case(
      .pytorch, ["out.weight": someArray(0, 4)],
      "3 features, a first recurrent layer of 5 inputs and 0 classes; expected each from 1 to 65536"),
  ]

  static let keras: [Case] = [
    Case(
      .keras, ["sequential/gru/gru_cell/recurrent_kernel": nil],
      """
      no recurrent layers: expected the weights of a model with LSTM, GRU or SimpleRNN by their paths, such as \
      lstm/lstm_cell/recurrent_kernel
      """),
    Case(
      .keras, ["sequential/gru/gru_cell/bias": someArray(12)],
      """
      sequential/gru/gru_cell/bias has shape [12], as a GRU with reset_after=False has it, which is another function; \
      expected shape [2, 12]
      """),
    Case(
      .keras, ["other/gru/gru_cell/recurrent_kernel": someArray(4, 12)],
      """
      other/gru/gru_cell, sequential/gru/gru_cell: expected one layer called gru, or one forward_gru and one \
      backward_gru
      """),
    Case(
      .keras, ["sequential/mine/gru_cell/recurrent_kernel": someArray(4, 12)],
      "2 recurrent layers whose order cannot be seen, gru, mine: name them in order with --recurrent"),
    Case(
      .keras,
      [
        "b/forward_gru_1/gru_cell/recurrent_kernel": someArray(4, 12),
        "b/backward_gru_1/gru_cell/recurrent_kernel": someArray(4, 12),
      ], "2 recurrent layers, reading in [1, 2] directions; expected from 1 to 64, all in one direction or all in both"),
    Case(.keras, names: WeightNames(recurrent: ["lstm"]), "--recurrent lstm: no such layer, expected one of gru"),
    Case(
      .keras, ["sequential/gru/gru_cell/recurrent_kernel": someArray(12, 4)],
      """
      recurrent_kernel has shape [12, 4], expected 4 (LSTM), 3 (GRU) or 1 (plain) gates of as many units as there are \
      in the state: [hidden, gates·hidden]
      """),
  ]

  static let mlx: [Case] = [
    Case(
      .mlx, ["rnn.Whh": nil],
      """
      no recurrent layers: expected the weights of a module with nn.LSTM, nn.GRU or nn.RNN, whose arrays are called …Wx \
      and …Wh, or …Wxh and …Whh
      """),
    Case(
      .mlx, [:],
      """
      rnn.Whh is a plain network's, whose nonlinearity weights do not show: give --cell rnn for tanh, which is usual, or \
      --cell irnn for relu
      """),
    Case(
      .mlx, ["other.Whh": someArray(4, 4)], cell: .rnn,
      "2 recurrent layers whose order cannot be seen, other, rnn: name them in order with --recurrent"),
    Case(.mlx, ["rnn.bias": someArray(5)], cell: .rnn, "rnn.bias has shape [5], expected [4]"),
  ]

  @Test(arguments: pytorch + keras + mlx)
  func whatIsWrongIsSaid(_ problem: Case) throws {
    let folder = try TemporaryFolder(), file = try folder.file(problem.arrays)
    do {
      _ = try ImportedWeights(contentsOf: file, format: problem.format, cell: problem.cell, names: problem.names)
      Issue.record("it was read")
    } catch {
      let text = "\(error)"
      #expect(error is WeightFileError || error is ModelFileError)
      #expect(text.hasPrefix("\(file.path): ") && !text.contains("\n"))
      #expect(text.contains(problem.message), "\(text)")
    }
  }

  static let unwritable: [(WeightFormat, CellKind, Int, Bool, WeightNames, String)] = [
    (.pytorch, .peepholeLSTM, 1, false, WeightNames(), "cell is peephole-lstm, expected one that"),
    (.mlx, .lstm, 1, true, WeightNames(), "MLX: a bidirectional network: MLX's recurrent layers read in one direction"),
    (.keras, .gru, 3, false, WeightNames(recurrent: ["a", "b"]), "Keras: --recurrent has 2 names, expected 1 or 3"),
    (.pytorch, .gru, 3, false, WeightNames(recurrent: ["a", "b"]), "PyTorch: --recurrent names 2 modules"),
    (
      .mlx, .rnn, 2, false, WeightNames(recurrent: ["a", "a"]),
      "two layers have an array called a.Wxh; give each a name"
    ),
    (.pytorch, .rnn, 1, false, WeightNames(input: "a", head: "a"), "two layers have an array called a.weight"),
  ]

  @Test(arguments: unwritable)
  func whatCannotBeWrittenIsSaid(
    format: WeightFormat, cell: CellKind, layers: Int, bidirectional: Bool, names: WeightNames, message: String
  ) throws {
    let folder = try TemporaryFolder(), file = folder.url.appending(path: "weights.safetensors")
    let model = smallModel(smallNetwork(cell, layers: layers, bidirectional: bidirectional))
    let error = #expect(throws: WeightFileError.self) {
      try model.exportWeights(to: file, format: format, names: names)
    }
    #expect(error.map { "\($0)".contains(message) } == true, "\(String(describing: error))")
    #expect(!FileManager.default.fileExists(atPath: file.path))
  }
}
