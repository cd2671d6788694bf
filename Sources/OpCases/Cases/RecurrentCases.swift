import CKernels
import Tensors
import _Differentiation

extension OpCase {
  /// Each cell at awkward shapes and in all its variants, in both precisions, against the double-precision reference in C.
  public static var recurrents: [OpCase] {
    CellKind.allCases.flatMap { kind in
      // Relative errors of a single number say nothing about bf16: it may be a small difference of large ones.
      let inGroups = sizes(kind).dropFirst() + sizesInGroups(kind) + halved(kind) + variants(kind)
      return (sizes(kind) + halved(kind) + variants(kind)).map(recurrentCase)
        + inGroups.map { recurrentCase($0.with { $0.precision = .bf16 }) }
    }
  }

  /// Where vectors, tiles and threads do not come out even; first a single number, or two where one says nothing: what is
  /// normalized does not depend on how large it is.
  private static func sizes(_ kind: CellKind) -> [RecurrentCase] {
    [
      (1, 1, 2, kind == .layerNormLSTM ? 2 : 1), (1, 7, 28, 5), (3, 1, 1, 5), (3, 100, 1, 5), (17, 4, 28, 1),
      (17, 100, 1, 1), (1, 3, 1, 128),
      (3, 3, 28, 128), (17, 2, 28, 130),
    ].map { RecurrentCase(kind, batch: $0, steps: $1, inputs: $2, hidden: $3) }
  }

  /// Where rows and columns cannot all be taken in twos.
  private static func sizesInGroups(_ kind: CellKind) -> [RecurrentCase] {
    [(5, 3, 7, 33), (13, 5, 3, 64), (2, 70, 2, 70)].map {
      RecurrentCase(kind, batch: $0, steps: $1, inputs: $2, hidden: $3)
    }
  }

  /// A batch so large that its weight gradient is summed in two halves.
  private static func halved(_ kind: CellKind) -> [RecurrentCase] {
    let base = RecurrentCase(kind, batch: 67, steps: 3, inputs: 2, hidden: 5), lengths = (0..<67).map { 1 + $0 % 3 }
    return [
      base, base.with { $0.isReversed = true }, base.with { $0.lengths = lengths },
      base.with {
        $0.isReversed = true
        $0.lengths = lengths
      },
    ]
  }

  /// What can be given, left out or not used, at two sizes: one smaller than a vector, one of several tiles.
  private static func variants(_ kind: CellKind) -> [RecurrentCase] {
    let bases = [
      RecurrentCase(kind, batch: 4, steps: 5, inputs: 3, hidden: 6),
      RecurrentCase(kind, batch: 17, steps: 4, inputs: 6, hidden: 37),
    ]
    return bases.flatMap { base -> [RecurrentCase] in
      let full = base.steps, ragged = (0..<base.batch).map { 1 + $0 * 3 % full }
      var cases = [
        base.with { $0.lengths = ragged },
        base.with { $0.isReversed = true },
        base.with {
          $0.isReversed = true
          $0.lengths = ragged
        },
        base.with { $0.hasInitialState = false },
        base.with {
          $0.hasInitialState = false
          $0.isReversed = true
          $0.lengths = ragged
        },
        base.with { $0.unused = [.finalHidden, .finalCell] },
        base.with { $0.unused = [.hiddenStates, .finalCell] },
        base.with {
          $0.unused = [.hiddenStates, .finalCell]
          $0.lengths = ragged
        },
        base.with { $0.layout = .timeMajor },
        base.with { $0.layout = .window },
        base.with { $0.derivative = .withoutInput },
        base.with { $0.derivative = .ofWeights },
      ]
      if kind.hasCellState { cases.append(base.with { $0.unused = [.hiddenStates, .finalHidden] }) }
      if kind.foldedBiases > 0 { cases.append(base.with { $0.hasFoldedBias = false }) }
      return cases
    }
  }

  private static func recurrentCase(_ c: RecurrentCase) -> OpCase {
    func makeCase(_ op: @escaping @Sendable @differentiable(reverse) ([Tensor]) -> [Tensor]) -> OpCase {
      let precision = c.precision, tolerances = c.tolerances
      return OpCase(
        c.name, c.operands, valueTolerance: tolerances.value, gradientTolerance: tolerances.gradient,
        differenceStep: c.differenceStep,
        isSupported: { $0.supports(precision) }, unused: Set(c.unused.map(\.rawValue)), op: op, reference: c.reference)
    }
    let (kind, lengths, reversed, precision) = (c.kind, c.lengths, c.isReversed, c.precision)
    switch (c.derivative, c.hasInitialState) {
    case (.ofAll, true):
      return makeCase {
        parts(
          kind,
          of: recurrent(
            kind, $0[0], initialState: state(kind, $0[1], $0[2]), weightIH: $0[3], weightHH: $0[4], bias: $0[5],
            scales: scales(kind, $0[6]), lengths: lengths, reversed: reversed, precision: precision))
      }
    case (.ofAll, false):
      return makeCase {
        parts(
          kind,
          of: recurrent(
            kind, $0[0], initialState: withoutDerivative(at: .zero), weightIH: $0[3], weightHH: $0[4], bias: $0[5],
            scales: scales(kind, $0[6]), lengths: lengths, reversed: reversed, precision: precision))
      }
    case (.withoutInput, _):
      return makeCase {
        parts(
          kind,
          of: recurrent(
            kind, withoutDerivative(at: $0[0]), initialState: state(kind, $0[1], $0[2]), weightIH: $0[3],
            weightHH: $0[4], bias: $0[5], scales: scales(kind, $0[6]), lengths: lengths, reversed: reversed,
            precision: precision))
      }
    case (.ofWeights, _):
      return makeCase {
        parts(
          kind,
          of: recurrent(
            kind, withoutDerivative(at: $0[0]), initialState: withoutDerivative(at: state(kind, $0[1], $0[2])),
            weightIH: $0[3], weightHH: $0[4], bias: $0[5], scales: scales(kind, $0[6]), lengths: lengths,
            reversed: reversed, precision: precision))
      }
    }
  }

  @differentiable(reverse,wrt: (hidden, cell))
  private static func state(_ kind: CellKind, _ hidden: Tensor, _ cell: Tensor) -> LSTMState {
    kind.hasCellState ? LSTMState(hidden: hidden, cell: cell) : LSTMState(hidden: hidden, cell: .zero)
  }

  @differentiable(reverse,wrt: scales)
  private static func scales(_ kind: CellKind, _ scales: Tensor) -> Tensor {
    kind.scales == 0 ? withoutDerivative(at: .zero) : scales
  }

  @differentiable(reverse,wrt: output)
  private static func parts(_ kind: CellKind, of output: LSTMOutput) -> [Tensor] {
    let hidden = [output.hiddenStates, output.finalState.hidden]
    return kind.hasCellState ? hidden + [output.finalState.cell] : hidden
  }
}

/// Kind, sizes and options of one call of `recurrent`.
private struct RecurrentCase: Sendable {
  enum Result: Int {
    case hiddenStates, finalHidden, finalCell
  }
  enum Derivative: String {
    case ofAll = "of all"
    case withoutInput = "without input"
    case ofWeights = "of weights"
  }

  let kind: CellKind
  let batch, steps, inputs, hidden: Int
  var precision = Precision.fp32
  var lengths: [Int]?
  var isReversed = false
  var hasInitialState = true
  var unused: [Result] = []
  var layout = Operand.Layout.dense
  var derivative = Derivative.ofAll
  /// Whether there are the biases that a folded layer leaves, for a kind that has a place for them. Inputs that are nearly
  /// zero are normalized the more smoothly for them, as central differences need it.
  var hasFoldedBias = true

  init(_ kind: CellKind, batch: Int, steps: Int, inputs: Int, hidden: Int) {
    self.kind = kind
    self.batch = batch
    self.steps = steps
    self.inputs = inputs
    self.hidden = hidden
  }

  func with(_ change: (inout RecurrentCase) -> Void) -> RecurrentCase {
    var copy = self
    change(&copy)
    return copy
  }

  var name: String {
    let options = [
      isReversed ? "reversed" : nil, lengths == nil ? nil : "lengths", hasInitialState ? nil : "zero state",
      layout == .dense ? nil : "\(layout)",
      unused.isEmpty ? nil : "without cotangent of \(unused.map { "\($0)" }.joined(separator: " and "))",
      hasFoldedBias ? nil : "no folded bias",
      derivative == .ofAll ? nil : "derivative \(derivative.rawValue)", precision == .fp32 ? nil : precision.rawValue,
    ]
    let sizes = "\(kind) batch \(batch), steps \(steps), inputs \(inputs), hidden \(hidden)"
    return ([sizes] + options.compactMap { $0 }).joined(separator: ", ")
  }

  /// The slope of a normalization changes within a deviation of what is normalized, and that of a few numbers may be small.
  var differenceStep: Double { kind == .layerNormLSTM ? 1e-5 : 1e-4 }

  /// Relative L2 errors that pass.
  var tolerances: (value: Double, gradient: Double) {
    switch (kind, precision) {
    // Normalizing rows whose numbers are nearly alike brings out their rounding; the fewer the numbers, the more often.
    case (.layerNormLSTM, .fp32): (1e-6, hidden < 5 ? 2e-5 : 5e-6)
    case (.layerNormLSTM, .bf16): hidden < 32 ? (2e-2, 1e-1) : (8e-3, 2.5e-2)
    case (_, .fp32) where batch * steps * hidden == 1: (2e-6, 2e-6)
    // A hundred steps carry the rounding of each state on to all later ones.
    case (_, .fp32): steps < 100 ? (5e-7, 2e-6) : (1e-6, 5e-6)
    // Factors have 8 significant bits: each is off by up to 2⁻⁹, which partly cancels in sums. Where only a few numbers are
    // compared, a gradient that itself nearly cancels is off by more (1.6e-2 seen, and the same with rounding emulated).
    // Through the small recurrent weights of rectified units nothing but products leads back to the first state, and each
    // step's rounding stays (2.0e-2 seen, of 24 numbers).
    case (.irnn, .bf16): (4e-3, 3e-2)
    case (_, .bf16): (4e-3, hidden == 1 || batch == 67 || batch * steps * inputs < 10 ? 2e-2 : 1e-2)
    }
  }

  /// Input, hidden state, cell state (a constant where the cell has none), weights, bias and, where there are any, scales;
  /// weights are small enough that gates do not saturate.
  var operands: [Operand] { kind == .irnn ? usualOperands.map(awayFromZero) : usualOperands }

  /// Central differences, and rounding to bf16, must not move a rectified unit to the other side of zero. So the sums of all
  /// units are ±3, as the sign of the first feature and of its weight have it, and something less.
  private func awayFromZero(_ operand: Operand) -> Operand {
    switch operand.name {
    case "input": operand.changed { $0 % inputs == 0 ? ($1 < 0 ? -3 : 3) : 0.3 * $1 }
    case "weightIH": operand.changed { $0 % inputs == 0 ? ($1 < 0 ? -1 : 1) : 0.3 * $1 }
    case "weightHH": operand.changed { 0.2 * $1 }
    default: operand
    }
  }

  private var usualOperands: [Operand] {
    let scale = 1 / Float(hidden + inputs).squareRoot()
    let stateIsConstant = !hasInitialState || derivative == .ofWeights
    let stateScale: Float = hasInitialState ? 0.5 : 0
    // A state whose rows lie as far apart as padded ones, with NaN where the padding would be.
    let stateLayout = layout == .window ? Operand.Layout.window : .dense
    return [
      Operand("input", [batch, steps, inputs], layout: layout, isConstant: derivative != .ofAll),
      Operand("hidden", [batch, hidden], scale: stateScale, layout: stateLayout, isConstant: stateIsConstant),
      Operand(
        "cell", [batch, hidden], scale: stateScale, layout: stateLayout,
        isConstant: stateIsConstant || !kind.hasCellState),
      Operand("weightIH", [kind.gates * hidden, inputs], scale: scale, layout: stateLayout),
      Operand("weightHH", [kind.gates * hidden, hidden], scale: scale, layout: stateLayout),
      Operand(
        "bias", [(kind.biases + (hasFoldedBias ? kind.foldedBiases : 0)) * hidden], scale: 0.3, layout: stateLayout),
      Operand("scales", [kind.scales * hidden], scale: 0.5, layout: stateLayout, isConstant: kind.scales == 0),
    ]
  }

  @Sendable func reference(_ operands: [Doubles]) -> [Doubles] {
    var states = [Double](repeating: .nan, count: batch * steps * hidden)
    var finalHidden = [Double](repeating: .nan, count: batch * hidden), finalCell = finalHidden
    let sizes = (Int64(batch), Int64(steps), Int64(inputs), Int64(hidden)), reversed: Int32 = isReversed ? 1 : 0
    let (x, h0, c0) = (operands[0].elements, operands[1].elements, operands[2].elements)
    let (weightIH, weightHH, bias) = (operands[3].elements, operands[4].elements, operands[5].elements)
    let scales = operands[6].elements
    func run(_ lengths: UnsafePointer<Int32>?) {
      switch kind {
      case .lstm, .peepholeLSTM:
        unroll_reference_lstm_double(
          sizes.0, sizes.1, sizes.2, sizes.3, reversed, lengths, x, h0, c0, weightIH, weightHH, bias,
          kind == .peepholeLSTM ? scales : nil, &states, &finalHidden, &finalCell)
      case .coupledLSTM:
        unroll_reference_coupled_lstm_double(
          sizes.0, sizes.1, sizes.2, sizes.3, reversed, lengths, x, h0, c0, weightIH, weightHH, bias, &states,
          &finalHidden, &finalCell)
      case .gru:
        unroll_reference_gru_double(
          sizes.0, sizes.1, sizes.2, sizes.3, reversed, lengths, x, h0, weightIH, weightHH, bias, &states, &finalHidden)
      case .rnn, .irnn:
        unroll_reference_rnn_double(
          sizes.0, sizes.1, sizes.2, sizes.3, reversed, kind == .irnn ? 1 : 0, lengths, x, h0, weightIH, weightHH, bias,
          &states, &finalHidden)
      case .layerNormLSTM:
        let biases = bias + [Double](repeating: 0, count: 9 * hidden - bias.count)
        var scratch = [Double](repeating: .nan, count: 8 * hidden)
        unroll_reference_layer_norm_lstm_double(
          sizes.0, sizes.1, sizes.2, sizes.3, reversed, lengths, x, h0, c0, weightIH, weightHH, biases,
          operands[6].elements, &scratch, &states, &finalHidden, &finalCell)
      }
    }
    if let lengths { run(lengths.map(Int32.init)) } else { run(nil) }
    let results = [Doubles([batch, steps, hidden], states), Doubles([batch, hidden], finalHidden)]
    return kind.hasCellState ? results + [Doubles([batch, hidden], finalCell)] : results
  }
}
