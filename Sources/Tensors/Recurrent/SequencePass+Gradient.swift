import CKernels

/// The gradient of a loss with respect to the operands of an LSTM; the symbolic zero where it was not wanted.
struct LSTMGradient {
  var input = Tensor.zero
  var initialState = LSTMState.zero
  var weightIH, weightHH, bias: Tensor
}

extension LSTMPass {
  /// The way back, given the gradient `d` with respect to the output. Consumes the steps that `tape` has saved; those
  /// that it has not are computed again.
  func gradient(
    of d: LSTMOutput.TangentVector, tape: LSTMTape, wantsInput: Bool, wantsInitialState: Bool
  ) -> LSTMGradient {
    let isZero = [d.hiddenStates, d.finalState.hidden, d.finalState.cell].allSatisfy(\.isSymbolicZero)
    if isZero { return LSTMGradient(weightIH: .zero, weightHH: .zero, bias: .zero) }
    return withWorkspace(on: device) { workspace in
      let sums = LSTMWeightGradient(of: self, in: workspace)
      let packed = packTransposed(weightHH, in: workspace)
      let inputGradient = wantsInput ? newInputGradient() : nil
      let dStates = sequencePointer(to: d.hiddenStates, in: workspace)
      var dState = d.finalState.padded(to: padded)
      let segments = segments
      for (index, segment) in segments.enumerated().reversed() {
        // A workspace of its own, so that the next segment takes over the memory of this one.
        withWorkspace(on: device) { workspace in
          let start = pointers(to: tape.starts[index], in: workspace)
          let saved = tape.saved ?? recompute(segment, from: start, in: workspace)
          tape.saved = nil
          let dz = workspace.floats(in: saved.gates)
          dState = backward(
            segment, from: start, saved, packed, dStates: dStates, dFinal: dState,
            wantsHidden: index > 0 || wantsInitialState, in: workspace)
          device.times.measure(.weightGradients) {
            sums.add(
              dz, segment, states: workspace.floats(of: tape.hiddenStates) + segment.lowerBound * batch * stateRow,
              start: start.hidden, in: workspace)
          }
          if let inputGradient { writeInputGradient(dz, segment, to: inputGradient, in: workspace) }
        }
      }
      var gradient = sums.finish()
      gradient.input = inputGradient ?? .zero
      if wantsInitialState { gradient.initialState = dState }
      return gradient
    }
  }

  private func recompute(_ segment: Range<Int>, from start: StatePointers, in workspace: Workspace) -> SavedSteps {
    let saved = SavedSteps(of: self, steps: segment.count)
    forward(
      segment, from: start, with: packWeights(in: workspace),
      hidden: workspace.floats(segment.count * batch * stateRow), final: StatePointers(), saving: saved, in: workspace)
    return saved
  }

  /// Writes dz over the saved gates and returns the gradient with respect to the state before the segment.
  private func backward(
    _ segment: Range<Int>, from start: StatePointers, _ saved: SavedSteps, _ packed: UnsafePointer<Float>,
    dStates: SequencePointer?, dFinal: LSTMState, wantsHidden: Bool, in workspace: Workspace
  ) -> LSTMState {
    let result = LSTMState(hidden: wantsHidden ? newState() : .zero, cell: newState())
    let dFinal = pointers(to: dFinal, in: workspace), dStart = pointers(to: result, in: workspace)
    // A row that has no step in this segment hands its gradient on unchanged.
    if lengths != nil { fill(dStart, with: dFinal) }
    let stateStep = Int64(batch * stateRow)
    guard let dCell = dStart.cell else { preconditionFailure("the gradient of the cell state has no memory") }
    let call = UnrollLSTMBackward(
      batch: Int64(batch), steps: Int64(segment.count), hidden: Int64(hidden), reversed: reversed ? 1 : 0,
      lengths: lengths(within: segment, in: workspace), c0: start.cell.map { UnsafePointer($0) }, weights: packed,
      c: workspace.floats(in: saved.cells), c_step: stateStep, c_row: Int64(stateRow),
      tanh_c: workspace.floats(in: saved.squashedCells), gates: workspace.floats(in: saved.gates),
      gates_step: Int64(batch * gatesRow), gates_row: Int64(gatesRow),
      dh: dStates.map { UnsafePointer($0.base + segment.lowerBound * $0.step) }, dh_step: Int64(dStates?.step ?? 0),
      dh_row: Int64(dStates?.row ?? 0), dh_final: dFinal.hidden.map { UnsafePointer($0) },
      dc_final: dFinal.cell.map { UnsafePointer($0) }, dc: dCell, dh0: dStart.hidden)
    withUnsafePointer(to: call) { call in
      device.times.measure(.backward) {
        forRows { rows in device.kernels.lstm_backward(call, Int64(rows.lowerBound), Int64(rows.upperBound)) }
      }
    }
    return result
  }

  /// `weight` [4·hidden, columns] packed for products with rows of dz.
  private func packTransposed(_ weight: Tensor, in workspace: Workspace) -> UnsafePointer<Float> {
    let kernels = device.kernels, columns = weight.shape[1]
    let panelSize = Int(kernels.panel)
    let panels = (columns + panelSize - 1) / panelSize
    let packed = workspace.floats(panels * panelSize * 4 * padded)
    let matrix = workspace.matrix(weight)
    device.forRanges(of: panels, grain: max(1, elementwiseGrain / (panelSize * 4 * padded))) { range in
      kernels.pack_interleaved_rows(
        Int64(hidden), Int64(columns), matrix, packed, Int64(range.lowerBound), Int64(range.upperBound))
    }
    return UnsafePointer(packed)
  }

  // MARK: The input's gradient

  private func newInputGradient() -> Tensor {
    Tensor(
      storage: Storage(.float32, count: input.count, on: device), shape: input.shape,
      strides: [inputs, batch * inputs, 1])
  }

  private func writeInputGradient(
    _ dz: UnsafeMutablePointer<Float>, _ segment: Range<Int>, to gradient: Tensor, in workspace: Workspace
  ) {
    let packed = packTransposed(weightIH, in: workspace)
    let out = workspace.floats(of: gradient) + segment.lowerBound * batch * inputs
    let rows = UnrollMatrix(base: dz, row: Int64(gatesRow), column: 1)
    device.forRanges(of: segment.count * batch, grain: max(1, 50_000 / (4 * padded * inputs))) { range in
      device.kernels.multiply(
        Int64(inputs), Int64(4 * padded), rows, packed, out, Int64(inputs), 0, Int64(range.lowerBound),
        Int64(range.upperBound))
    }
  }

  // MARK: Cotangents

  /// Rows of `padded` readable floats: row b of step t starts at `base + t·step + b·row`.
  private struct SequencePointer {
    let base: UnsafeMutablePointer<Float>
    let step, row: Int
  }

  private func sequencePointer(to d: Tensor, in workspace: Workspace) -> SequencePointer? {
    if d.isSymbolicZero { return nil }
    precondition(d.shape == [batch, steps, hidden], "a gradient of shape \(d.shape) for hidden states")
    if d.strides[2] == 1 && hidden == padded {
      return SequencePointer(base: workspace.floats(of: d), step: d.strides[1], row: d.strides[0])
    }
    let copy = Tensor(
      storage: Storage(.float32, count: steps * batch * padded, on: device), shape: d.shape,
      strides: [padded, batch * padded, 1])
    workspace.floats(of: copy).update(repeating: 0, count: steps * batch * padded)
    d.copyElements(to: copy)
    return SequencePointer(base: workspace.floats(of: copy), step: batch * padded, row: padded)
  }
}
