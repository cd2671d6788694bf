import Tensors

// The one place that knows what each kind of cell computes on the way, and how to say it.

extension SequenceLayer {
  /// Runs the layer's cell over a sequence, step by step in single precision, and keeps all that it computes.
  ///
  /// - Parameter input: [steps, inputs].
  /// - Returns: Gates, candidate and states after each step.
  func trace(_ input: Tensor) -> Trace.Layer {
    switch kind {
    case .lstm:
      let cell = LSTM(weightIH: weightIH, weightHH: weightHH, bias: bias).cell
      return trace(cell, input) { x, before, after in
        let gates = cell.gates(x, state: before)
        return [
          (.lstmForgetGate, gates.forget), (.lstmInputGate, gates.input), (.lstmOutputGate, gates.output),
          (.lstmCandidate, gates.candidate), (.lstmCellState, after.cell), (.lstmHiddenState, after.hidden),
        ]
      }
    case .peepholeLSTM:
      let cell = PeepholeLSTM(weightIH: weightIH, weightHH: weightHH, bias: bias, peepholes: scales).cell
      return trace(cell, input) { x, before, after in
        let gates = cell.gates(x, state: before)
        return [
          (.lstmForgetGate.with("f = σ(W_f·x + U_f·h + p_f·c + b_f)"), gates.forget),
          (.lstmInputGate.with("i = σ(W_i·x + U_i·h + p_i·c + b_i)"), gates.input),
          (.lstmOutputGate.with("o = σ(W_o·x + U_o·h + p_o·c + b_o)"), gates.output),
          (.lstmCandidate, gates.candidate), (.lstmCellState, after.cell), (.lstmHiddenState, after.hidden),
        ]
      }
    case .coupledLSTM:
      let cell = CoupledLSTM(weightIH: weightIH, weightHH: weightHH, bias: bias).cell
      return trace(cell, input) { x, before, after in
        let gates = cell.gates(x, state: before)
        return [
          (.coupledForgetGate, gates.forget), (.lstmOutputGate, gates.output), (.coupledCandidate, gates.candidate),
          (.coupledCellState, after.cell), (.lstmHiddenState, after.hidden),
        ]
      }
    case .layerNormLSTM:
      let cell = LayerNormLSTM(weightIH: weightIH, weightHH: weightHH, bias: bias, gains: scales).cell
      return trace(cell, input) { x, before, after in
        let gates = cell.gates(x, state: before)
        return [
          (.lstmForgetGate.with("f = σ(LN(W·x)_f + LN(U·h)_f + b_f)"), gates.forget),
          (.lstmInputGate.with("i = σ(LN(W·x)_i + LN(U·h)_i + b_i)"), gates.input),
          (.lstmOutputGate.with("o = σ(LN(W·x)_o + LN(U·h)_o + b_o)"), gates.output),
          (.lstmCandidate.with("g = tanh(LN(W·x)_g + LN(U·h)_g + b_g)"), gates.candidate),
          (.lstmCellState, after.cell), (.lstmHiddenState.with("h = o·tanh(LN(c))"), after.hidden),
        ]
      }
    case .gru:
      let cell = GRU(weightIH: weightIH, weightHH: weightHH, bias: bias).cell
      return trace(cell, input) { x, before, after in
        let gates = cell.gates(x, state: before)
        return [
          (.gruResetGate, gates.reset), (.gruUpdateGate, gates.update), (.gruCandidate, gates.candidate),
          (.gruHiddenState, after),
        ]
      }
    case .rnn:
      let cell = RNN(weightIH: weightIH, weightHH: weightHH, bias: bias).cell
      return trace(cell, input) { _, _, after in [(.rnnHiddenState, after)] }
    case .irnn:
      let cell = RNN(weightIH: weightIH, weightHH: weightHH, bias: bias, nonlinearity: .relu).cell
      return trace(cell, input) { _, _, after in [(.irnnHiddenState, after)] }
    }
  }

  /// Steps `cell` over `input` [steps, inputs] and collects what `signals` makes of each step's input [1, inputs] and of
  /// the states before and after it: quantities, the same at every step, with their values [1, hidden].
  private func trace<Cell: RecurrentCell>(
    _ cell: Cell, _ input: Tensor,
    signals: (_ input: Tensor, _ before: Cell.State, _ after: Cell.State) -> [(Trace.Quantity, Tensor)]
  ) -> Trace.Layer {
    var state = Cell.State.zero
    let steps = (0..<input.shape[0]).map { step in
      let x = input.sliced(alongAxis: 0, step..<step + 1), before = state
      state = cell(x, state: before)
      return signals(x, before, state)
    }
    return Trace.Layer(
      kind: kind,
      signals: steps[0].indices.map { index in
        Trace.Signal(
          quantity: steps[0][index].0,
          values: Tensor.stack(steps.map { $0[index].1.reshaped(to: [hiddenSize]) }, alongAxis: 0))
      })
  }
}

extension Trace.Quantity {
  /// The same by another equation.
  fileprivate func with(_ equation: String) -> Self {
    Self(name: name, symbol: symbol, equation: equation, meaning: meaning, role: role, range: range)
  }

  fileprivate static let lstmForgetGate = Self(
    name: "forget gate", symbol: "f", equation: "f = σ(W_f·x + U_f·h + b_f)",
    meaning: "How much of its old cell state each unit keeps: at 1 it remembers, at 0 it forgets.", role: .gate,
    range: .unit)
  fileprivate static let lstmInputGate = Self(
    name: "input gate", symbol: "i", equation: "i = σ(W_i·x + U_i·h + b_i)",
    meaning: "How much of the candidate each unit writes into its cell state: at 1 all of it, at 0 nothing.",
    role: .gate, range: .unit)
  fileprivate static let lstmOutputGate = Self(
    name: "output gate", symbol: "o", equation: "o = σ(W_o·x + U_o·h + b_o)",
    meaning: "How much of what it remembers each unit shows: at 1 all of it, at 0 it keeps it to itself.", role: .gate,
    range: .unit)
  fileprivate static let lstmCandidate = Self(
    name: "candidate", symbol: "g", equation: "g = tanh(W_g·x + U_g·h + b_g)",
    meaning:
      "What each unit would write into its cell state at this step. The input gate says how much of it is written.",
    role: .candidate, range: .signed)
  fileprivate static let lstmCellState = Self(
    name: "cell state", symbol: "c", equation: "c ← f·c + i·g",
    meaning: """
      What each unit remembers: the part of the old value that the forget gate keeps, plus the part of the candidate that \
      the input gate lets in. It has no bounds, so that it can count.
      """,
    role: .cellState, range: .open)
  fileprivate static let lstmHiddenState = Self(
    name: "hidden state", symbol: "h", equation: "h = o·tanh(c)",
    meaning: """
      What each unit shows: to all gates at the next step, and to what comes above it, the next layer or the answer. It is \
      the cell state, squeezed between −1 and 1, as far as the output gate lets it out.
      """,
    role: .hiddenState, range: .signed)

  fileprivate static let coupledForgetGate = Self(
    name: "forget gate", symbol: "f", equation: lstmForgetGate.equation,
    meaning: """
      How much of its old cell state each unit keeps: at 1 it remembers, at 0 the candidate takes its place. There is no \
      input gate beside it.
      """,
    role: .gate, range: .unit)
  fileprivate static let coupledCandidate = Self(
    name: "candidate", symbol: "g", equation: lstmCandidate.equation,
    meaning: """
      What each unit would write into its cell state at this step. As much of it is written as the forget gate lets go.
      """,
    role: .candidate, range: .signed)
  fileprivate static let coupledCellState = Self(
    name: "cell state", symbol: "c", equation: "c ← f·c + (1 − f)·g",
    meaning: "What each unit remembers: a mixture of the old value and the candidate, as the forget gate says.",
    role: .cellState, range: .signed)

  fileprivate static let gruResetGate = Self(
    name: "reset gate", symbol: "r", equation: "r = σ(W_r·x + U_r·h + b_r)",
    meaning: "How much of the old states each unit's candidate takes into account: at 0 it begins anew.", role: .gate,
    range: .unit)
  fileprivate static let gruUpdateGate = Self(
    name: "update gate", symbol: "z", equation: "z = σ(W_z·x + U_z·h + b_z)",
    meaning: "How much of its old state each unit keeps: at 1 it remembers, at 0 the candidate takes its place.",
    role: .gate, range: .unit)
  fileprivate static let gruCandidate = Self(
    name: "candidate", symbol: "n", equation: "n = tanh(W_n·x + b_n + r·(U_n·h + b_hn))",
    meaning: "What each unit would become at this step. The update gate says how much of that happens.",
    role: .candidate, range: .signed)
  fileprivate static let gruHiddenState = Self(
    name: "hidden state", symbol: "h", equation: "h ← (1 − z)·n + z·h",
    meaning: """
      What each unit remembers and shows, in one: a mixture of its old value and the candidate, as the update gate says.
      """,
    role: .hiddenState, range: .signed)

  fileprivate static let rnnHiddenState = Self(
    name: "hidden state", symbol: "h", equation: "h ← tanh(W·x + U·h + b)",
    meaning: """
      What each unit remembers and shows. It is computed anew at every step, from the input and from all old states; no \
      gate protects it.
      """,
    role: .hiddenState, range: .signed)
  fileprivate static let irnnHiddenState = Self(
    name: "hidden state", symbol: "h", equation: "h ← max(0, W·x + U·h + b)",
    meaning: """
      What each unit remembers and shows. U starts as the identity, so that a unit keeps what it holds until training \
      says otherwise.
      """,
    role: .hiddenState, range: .open)
}
