import CKernels

/// The gradient of a loss with respect to the operands of `recurrent`; the symbolic zero where it was not wanted.
struct SequenceGradient {
  var input = Tensor.zero
  var initialState = LSTMState.zero
  var weightIH = Tensor.zero, weightHH = Tensor.zero, bias = Tensor.zero, scales = Tensor.zero
}

extension SequencePass {
  /// The way back, given the gradient `d` with respect to the output. Consumes the steps that `tape` has saved; those
  /// that it has not are computed again.
  func gradient(
    of d: LSTMOutput.TangentVector, tape: SequenceTape, wantsInput: Bool, wantsInitialState: Bool
  ) -> SequenceGradient {
    let isZero = [d.hiddenStates, d.finalState.hidden, d.finalState.cell].allSatisfy(\.isSymbolicZero)
    if isZero { return SequenceGradient() }
    return withWorkspace(on: device) { workspace in
      var sums = SequenceWeightGradient(of: self, in: workspace)
      // A thread runs all rows that share a row of sums, so that their bits do not depend on which thread it is.
      let planes = Int(cell.scales + cell.bias_planes)
      let planeSums = planes == 0 ? .zero : Tensor.zeros([rowsOfSums.count, planes, padded], on: device)
      let inputGradient = wantsInput ? newInputGradient() : nil
      let packedInput = wantsInput ? packTransposedInputWeights(in: workspace) : nil
      let dStates = sequencePointer(to: d.hiddenStates, in: workspace)
      let states = hiddenStates(of: tape, in: workspace)
      var dState = d.finalState.padded(to: padded)
      let segments = segments
      for (index, segment) in segments.enumerated().reversed() {
        // A workspace of its own, so that the next segment takes over the memory of this one.
        withWorkspace(on: device) { workspace in
          let start = tape.starts[index], states = states.at(segment.lowerBound, self)
          let saved = tape.saved ?? recompute(segment, from: start, tape, in: workspace)
          tape.saved = nil
          let dz: UnsafeMutableRawPointer
          if sharesGatesWithDZ, let gates = saved.gates {
            dz = workspace.bytes(in: gates)
          } else {
            dz = workspace.bytes(segment.count * batch * dzRow * products.elementSize)
          }
          dState = backward(
            segment, from: start, saved, tape.weights, states: states, dStates: dStates, dFinal: dState, to: dz,
            planeSums: planeSums, wantsHidden: index > 0 || wantsInitialState, in: workspace)
          device.times.measure(.weightGradients) {
            let before = pointers(to: start, in: workspace).hidden
            sums.add(
              dz, segment, states: states.elements, input: tape.input,
              start: elements(of: before, in: workspace), in: workspace)
          }
          if let inputGradient, let packedInput {
            device.times.measure(.backward) {
              writeInputGradient(dz, segment, packedInput, to: inputGradient, in: workspace)
            }
          }
        }
      }
      var gradient = device.times.measure(.weightGradients) {
        var gradient = sums.finish()
        setPlanes(of: &gradient, from: planeSums)
        return gradient
      }
      gradient.input = inputGradient ?? .zero
      if wantsInitialState { gradient.initialState = dState }
      return gradient
    }
  }

  /// Gradients of what lies in planes: the sums of all rows of `sums`, [rows, scales + planes of biases, padded].
  private func setPlanes(of gradient: inout SequenceGradient, from sums: Tensor) {
    if sums.isSymbolicZero { return }
    let sum = sums.sum(alongAxis: 0).sliced(alongAxis: 1, 0..<hidden)
    let all = sum.reshaped(to: [sum.count]), middle = Int(cell.scales) * hidden
    gradient.scales = all.sliced(alongAxis: 0, 0..<middle)
    if cell.bias_planes > 0 {
      gradient.bias = all.sliced(alongAxis: 0, middle..<middle + weights.bias.count)
    }
  }

  private func recompute(
    _ segment: Range<Int>, from start: LSTMState, _ tape: SequenceTape, in workspace: Workspace
  ) -> SavedSteps {
    let saved = SavedSteps(of: self, steps: segment.count), rows = segment.count * batch
    let scratch = HiddenStates(
      floats: workspace.floats(rows * stateRow),
      elements: statesAreElements ? nil : workspace.bytes(rows * stateElementsRow * products.elementSize), self)
    forward(
      segment, from: start, with: tape.weights, inputElements: tape.input, to: scratch, final: StatePointers(),
      saving: saved, in: workspace)
    return saved
  }

  /// Writes dz and returns the gradient with respect to the state before the segment.
  private func backward(
    _ segment: Range<Int>, from start: LSTMState, _ saved: SavedSteps, _ packed: PackedWeights, states: HiddenStates,
    dStates: SequencePointer?, dFinal: LSTMState, to dz: UnsafeMutableRawPointer, planeSums: Tensor,
    wantsHidden: Bool, in workspace: Workspace
  ) -> LSTMState {
    let hasCell = cell.has_cell_state != 0, start = pointers(to: start, in: workspace)
    let result = LSTMState(hidden: wantsHidden ? newStatePart() : .zero, cell: hasCell ? newStatePart() : .zero)
    let dFinal = pointers(to: dFinal, in: workspace), dStart = pointers(to: result, in: workspace)
    // A row that has no step in this segment hands its gradient on unchanged.
    if lengths != nil { fill(dStart, with: dFinal) }
    guard let transposed = packed.transposed else { preconditionFailure("weights not packed for the way back") }
    let stateStep = Int64(batch * stateRow)
    // What an LSTM carries past the products is the gradient of its cell state.
    let carried = dStart.cell ?? (cell.saves_gates != 0 ? workspace.floats(batch * padded) : nil)
    let call = UnrollBackward(
      batch: Int64(batch), steps: Int64(segment.count), hidden: Int64(hidden), reversed: reversed ? 1 : 0,
      lengths: lengths(within: segment, in: workspace), h0: start.hidden.map { UnsafePointer($0) },
      c0: start.cell.map { UnsafePointer($0) }, weights: workspace.bytes(in: transposed),
      scales: scales(in: workspace),
      scale_gradients: planeSums.isSymbolicZero ? nil : workspace.floats(of: planeSums),
      scale_gradients_row: Int64(planeSums.isSymbolicZero ? 0 : planeSums.strides[0]),
      rows_per_sum: Int64(rowsOfSums.rowsPerSum), h: states.floats, h_step: stateStep, h_row: Int64(stateRow),
      c: saved.cells.map { UnsafePointer(workspace.floats(in: $0)) }, c_step: stateStep, c_row: Int64(stateRow),
      tanh_c: saved.squashedCells.map { workspace.floats(in: $0) },
      gates: saved.gates.map { workspace.floats(in: $0) }, gates_step: Int64(batch * gatesRow),
      gates_row: Int64(gatesRow), dz: dz, dz_step: Int64(batch * dzRow), dz_row: Int64(dzRow),
      dh: dStates.map { UnsafePointer($0.base + segment.lowerBound * $0.step) }, dh_step: Int64(dStates?.step ?? 0),
      dh_row: Int64(dStates?.row ?? 0), dh_final: dFinal.hidden.map { UnsafePointer($0) },
      dc_final: dFinal.cell.map { UnsafePointer($0) }, carried: carried, dh0: dStart.hidden)
    withUnsafePointer(to: call) { call in
      device.times.measure(.backward) {
        forRows { rows in cell.backward(call, Int64(rows.lowerBound), Int64(rows.upperBound)) }
      }
    }
    return result
  }

  // MARK: The input's gradient

  private func newInputGradient() -> Tensor {
    Tensor(
      storage: Storage(.float32, count: input.count, on: device), shape: input.shape,
      strides: [inputs, batch * inputs, 1])
  }

  private func packTransposedInputWeights(in workspace: Workspace) -> UnsafeMutableRawPointer {
    let panels = weights.panels(columns: inputs)
    let packed = workspace.bytes(panels * weights.panelElements * products.elementSize)
    let matrix = workspace.floats(of: weights.weightIH)
    device.forRanges(of: panels, grain: max(1, elementwiseGrain / weights.panelElements)) { range in
      products.pack_transposed_gates(
        cell.input, Int64(hidden), Int64(inputs), matrix, Int64(weights.weightIHRow), packed, Int64(range.lowerBound),
        Int64(range.upperBound))
    }
    return packed
  }

  private func writeInputGradient(
    _ dz: UnsafeMutableRawPointer, _ segment: Range<Int>, _ packed: UnsafeMutableRawPointer, to gradient: Tensor,
    in workspace: Workspace
  ) {
    let out = workspace.floats(of: gradient) + segment.lowerBound * batch * inputs
    device.forRanges(of: segment.count * batch, grain: max(1, 50_000 / (4 * padded * inputs))) { range in
      products.multiply_gates(
        cell.input, Int64(hidden), Int64(inputs), dz, Int64(dzRow), packed, out, Int64(inputs),
        Int64(range.lowerBound), Int64(range.upperBound))
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
