import CKernels
import Tensors
import _Differentiation

extension OpCase {
  /// The LSTM at awkward shapes and in all its variants, against the double-precision reference in C.
  public static var lstms: [OpCase] {
    sizes.map { lstmCase($0) } + variants.map { lstmCase($0) }
  }

  /// Where vectors, tiles and threads do not come out even.
  private static var sizes: [LSTMCase] {
    [
      LSTMCase(batch: 1, steps: 1, inputs: 1, hidden: 1),
      LSTMCase(batch: 1, steps: 7, inputs: 28, hidden: 5),
      LSTMCase(batch: 3, steps: 1, inputs: 1, hidden: 5),
      LSTMCase(batch: 3, steps: 100, inputs: 1, hidden: 5),
      LSTMCase(batch: 17, steps: 4, inputs: 28, hidden: 1),
      LSTMCase(batch: 17, steps: 100, inputs: 1, hidden: 1),
      LSTMCase(batch: 1, steps: 3, inputs: 1, hidden: 128),
      LSTMCase(batch: 3, steps: 3, inputs: 28, hidden: 128),
      LSTMCase(batch: 17, steps: 2, inputs: 28, hidden: 130),
    ]
  }

  /// What can be given, left out or not used, at two sizes: one smaller than a vector, one of several tiles.
  private static var variants: [LSTMCase] {
    [LSTMCase(batch: 4, steps: 5, inputs: 3, hidden: 6), LSTMCase(batch: 17, steps: 4, inputs: 6, hidden: 37)].flatMap {
      base -> [LSTMCase] in
      let full = base.steps, ragged = (0..<base.batch).map { 1 + $0 * 3 % full }
      return [
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
        base.with { $0.unused = [.hiddenStates, .finalHidden] },
        base.with {
          $0.unused = [.hiddenStates, .finalCell]
          $0.lengths = ragged
        },
        base.with { $0.layout = .timeMajor },
        base.with { $0.layout = .window },
        base.with { $0.derivative = .withoutInput },
        base.with { $0.derivative = .ofWeights },
      ]
    }
  }

  private static func lstmCase(_ c: LSTMCase) -> OpCase {
    // A hundred steps carry the rounding of each state on to all later ones.
    let tolerances = c.steps < 100 ? (5e-7, 2e-6) : (1e-6, 5e-6)
    func makeCase(_ op: @escaping @Sendable @differentiable(reverse) ([Tensor]) -> [Tensor]) -> OpCase {
      OpCase(
        c.name, c.operands, valueTolerance: tolerances.0, gradientTolerance: tolerances.1,
        unused: Set(c.unused.map(\.rawValue)), op: op, reference: c.reference)
    }
    let (lengths, reversed) = (c.lengths, c.isReversed)
    switch (c.derivative, c.hasInitialState) {
    case (.ofAll, true):
      return makeCase {
        parts(
          of: lstm(
            $0[0], initialState: LSTMState(hidden: $0[1], cell: $0[2]), weightIH: $0[3], weightHH: $0[4], bias: $0[5],
            lengths: lengths, reversed: reversed))
      }
    case (.ofAll, false):
      return makeCase {
        parts(
          of: lstm(
            $0[0], weightIH: $0[3], weightHH: $0[4], bias: $0[5], lengths: lengths, reversed: reversed))
      }
    case (.withoutInput, _):
      return makeCase {
        parts(
          of: lstm(
            withoutDerivative(at: $0[0]), initialState: LSTMState(hidden: $0[1], cell: $0[2]), weightIH: $0[3],
            weightHH: $0[4], bias: $0[5], lengths: lengths, reversed: reversed))
      }
    case (.ofWeights, _):
      return makeCase {
        let state = withoutDerivative(at: LSTMState(hidden: $0[1], cell: $0[2]))
        return parts(
          of: lstm(
            withoutDerivative(at: $0[0]), initialState: state, weightIH: $0[3], weightHH: $0[4], bias: $0[5],
            lengths: lengths, reversed: reversed))
      }
    }
  }

  @differentiable(reverse)
  private static func parts(of output: LSTMOutput) -> [Tensor] {
    [output.hiddenStates, output.finalState.hidden, output.finalState.cell]
  }
}

/// Sizes and options of one call of `lstm`.
private struct LSTMCase: Sendable {
  enum Result: Int {
    case hiddenStates, finalHidden, finalCell
  }
  enum Derivative: String {
    case ofAll = "of all"
    case withoutInput = "without input"
    case ofWeights = "of weights"
  }

  let batch, steps, inputs, hidden: Int
  var lengths: [Int]?
  var isReversed = false
  var hasInitialState = true
  var unused: [Result] = []
  var layout = Operand.Layout.dense
  var derivative = Derivative.ofAll

  init(batch: Int, steps: Int, inputs: Int, hidden: Int) {
    self.batch = batch
    self.steps = steps
    self.inputs = inputs
    self.hidden = hidden
  }

  func with(_ change: (inout LSTMCase) -> Void) -> LSTMCase {
    var copy = self
    change(&copy)
    return copy
  }

  var name: String {
    let options = [
      isReversed ? "reversed" : nil, lengths == nil ? nil : "lengths", hasInitialState ? nil : "zero state",
      layout == .dense ? nil : "\(layout)",
      unused.isEmpty ? nil : "without cotangent of \(unused.map { "\($0)" }.joined(separator: " and "))",
      derivative == .ofAll ? nil : "derivative \(derivative.rawValue)",
    ]
    let sizes = "lstm batch \(batch), steps \(steps), inputs \(inputs), hidden \(hidden)"
    return ([sizes] + options.compactMap { $0 }).joined(separator: ", ")
  }

  /// In the order of the reference's parameters; weights are small enough that gates do not saturate.
  var operands: [Operand] {
    let scale = 1 / Float(hidden + inputs).squareRoot()
    let stateIsConstant = !hasInitialState || derivative == .ofWeights
    let stateScale: Float = hasInitialState ? 0.5 : 0
    // A state whose rows lie as far apart as padded ones, with NaN where the padding would be.
    let stateLayout = layout == .window ? Operand.Layout.window : .dense
    return [
      Operand("input", [batch, steps, inputs], layout: layout, isConstant: derivative != .ofAll),
      Operand("hidden", [batch, hidden], scale: stateScale, layout: stateLayout, isConstant: stateIsConstant),
      Operand("cell", [batch, hidden], scale: stateScale, layout: stateLayout, isConstant: stateIsConstant),
      Operand("weightIH", [4 * hidden, inputs], scale: scale, layout: stateLayout),
      Operand("weightHH", [4 * hidden, hidden], scale: scale, layout: stateLayout),
      Operand("bias", [4 * hidden], scale: 0.3, layout: stateLayout),
    ]
  }

  @Sendable func reference(_ operands: [Doubles]) -> [Doubles] {
    var states = [Double](repeating: .nan, count: batch * steps * hidden)
    var finalHidden = [Double](repeating: .nan, count: batch * hidden), finalCell = finalHidden
    func run(_ lengths: UnsafePointer<Int32>?) {
      unroll_reference_lstm_double(
        Int64(batch), Int64(steps), Int64(inputs), Int64(hidden), isReversed ? 1 : 0, lengths, operands[0].elements,
        operands[1].elements, operands[2].elements, operands[3].elements, operands[4].elements, operands[5].elements,
        &states, &finalHidden, &finalCell)
    }
    if let lengths { run(lengths.map(Int32.init)) } else { run(nil) }
    return [
      Doubles([batch, steps, hidden], states), Doubles([batch, hidden], finalHidden),
      Doubles([batch, hidden], finalCell),
    ]
  }
}
