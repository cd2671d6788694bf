import CKernels

/// One call of the `lstm` op: its operands, checked, and the way through the kernels.
struct LSTMPass {
  let device: Device
  let batch, steps, inputs, hidden: Int
  /// Time-major, features next to each other.
  let input: Tensor
  let initialState: LSTMState
  let weightIH, weightHH, bias: Tensor
  let lengths: [Int32]?
  let reversed: Bool

  /// Hidden units padded to whole vectors: P in the kernels' header.
  let padded: Int
  /// Floats from one row to the next of a sequence of states, and of saved gates.
  let stateRow, gatesRow: Int

  init(
    _ input: Tensor, _ initialState: LSTMState, _ weightIH: Tensor, _ weightHH: Tensor, _ bias: Tensor,
    lengths: [Int]?, reversed: Bool
  ) {
    precondition(input.rank == 3 && !input.shape.contains(0), "lstm with input \(input.shape)")
    precondition(weightHH.rank == 2, "lstm with recurrent weights \(weightHH.shape)")
    let (batch, steps, inputs, hidden) = (input.shape[0], input.shape[1], input.shape[2], weightHH.shape[1])
    precondition(
      weightIH.shape == [4 * hidden, inputs] && weightHH.shape == [4 * hidden, hidden] && bias.shape == [4 * hidden],
      """
      lstm with input \(input.shape), input weights \(weightIH.shape), recurrent weights \(weightHH.shape), bias \
      \(bias.shape): expected [batch, steps, inputs], [4·hidden, inputs], [4·hidden, hidden], [4·hidden]
      """)
    for state in [initialState.hidden, initialState.cell] where !state.isSymbolicZero {
      precondition(state.shape == [batch, hidden], "lstm with a state \(state.shape), not [\(batch), \(hidden)]")
    }
    if let lengths {
      precondition(
        lengths.count == batch && lengths.allSatisfy { (1...steps).contains($0) },
        "lstm with lengths \(lengths) for \(batch) rows of 1 to \(steps) steps")
    }
    for weights in [weightIH, weightHH, bias] {
      precondition(
        weights.device === input.device, "tensors of two devices in one op: \(weights.device) and \(input.device)")
    }
    device = input.device
    self.batch = batch
    self.steps = steps
    self.inputs = inputs
    self.hidden = hidden
    self.input = input.timeMajor()
    self.weightIH = weightIH
    self.weightHH = weightHH
    self.bias = bias.dense()
    // Rows of full length need no lengths; the kernels then run whole tiles without looking.
    self.lengths = lengths.flatMap { $0.allSatisfy { $0 == steps } ? nil : $0.map(Int32.init) }
    self.reversed = reversed
    let lanes = Int(device.kernels.lanes)
    padded = (hidden + lanes - 1) / lanes * lanes
    self.initialState = initialState.padded(to: padded)
    stateRow = Self.spread(padded)
    gatesRow = Self.spread(4 * padded)
  }

  /// Rows an odd number of cache lines apart do not compete for the same few places in the cache.
  private static func spread(_ floats: Int) -> Int {
    let lines = (floats + 15) / 16
    return 16 * (lines + (lines % 2 == 0 ? 1 : 0))
  }

  // MARK: Segments

  /// Bytes that the backward pass needs saved for each step: gates, cell states and their tanh.
  private var savedBytesPerStep: Int { 4 * batch * (gatesRow + 2 * stateRow) }

  /// The steps in the order in which they are read, cut into segments: one if it fits the memory budget, else about
  /// √steps of them.
  var segments: [Range<Int>] {
    var length = steps
    if steps * savedBytesPerStep > device.sequenceMemoryBudget {
      length = Int(Double(steps).squareRoot().rounded(.up))
    }
    let ranges = stride(from: 0, to: steps, by: length).map { $0..<min($0 + length, steps) }
    return reversed ? ranges.reversed() : ranges
  }

  /// Each row's length within a segment.
  func lengths(within segment: Range<Int>, in workspace: Workspace) -> UnsafePointer<Int32>? {
    guard let lengths else { return nil }
    let local = lengths.map { min(max($0 - Int32(segment.lowerBound), 0), Int32(segment.count)) }
    return UnsafePointer(workspace.pointer(to: Tensor(local, on: device)))
  }

  // MARK: Forward

  /// The output alone, for inference.
  func run() -> LSTMOutput {
    withWorkspace(on: device) { workspace in
      let output = newOutput()
      forward(
        0..<steps, from: pointers(to: initialState, in: workspace), with: packWeights(in: workspace),
        hidden: workspace.floats(of: output.hiddenStates), final: pointers(to: output.finalState, in: workspace),
        saving: nil, in: workspace)
      return output
    }
  }

  /// The output, and what the backward pass needs: the state before each segment, and the last segment's steps.
  func runSaving() -> (LSTMOutput, LSTMTape) {
    withWorkspace(on: device) { workspace in
      let output = newOutput()
      let tape = LSTMTape(hiddenStates: output.hiddenStates)
      let weights = packWeights(in: workspace)
      let final = pointers(to: output.finalState, in: workspace)
      let segments = segments
      if segments.count > 1 { fill(final, with: pointers(to: initialState, in: workspace)) }
      var start = initialState
      for (index, segment) in segments.enumerated() {
        tape.starts.append(start)
        let saved = index == segments.count - 1 ? SavedSteps(of: self, steps: segment.count) : nil
        forward(
          segment, from: pointers(to: start, in: workspace), with: weights,
          hidden: workspace.floats(of: output.hiddenStates) + segment.lowerBound * batch * stateRow, final: final,
          saving: saved, in: workspace)
        if saved == nil { start = snapshot(of: final, in: workspace) }
        tape.saved = saved
      }
      return (output, tape)
    }
  }

  /// Runs the steps of `segment`; `hidden` is where its first hidden state goes.
  func forward(
    _ segment: Range<Int>, from start: StatePointers, with weights: PackedLSTMWeights.Pointers,
    hidden states: UnsafeMutablePointer<Float>, final: StatePointers, saving saved: SavedSteps?,
    in workspace: Workspace
  ) {
    let cellRows = saved.map { workspace.floats(in: $0.cells) } ?? workspace.floats(batch * stateRow)
    let call = UnrollLSTMForward(
      batch: Int64(batch), steps: Int64(segment.count), inputs: Int64(inputs), hidden: Int64(hidden),
      reversed: reversed ? 1 : 0, lengths: lengths(within: segment, in: workspace),
      x: workspace.floats(of: input) + segment.lowerBound * input.strides[1], x_step: Int64(input.strides[1]),
      x_row: Int64(input.strides[0]),
      h0: start.hidden.map { UnsafePointer($0) }, c0: start.cell.map { UnsafePointer($0) },
      weights: weights.weights, bias: weights.bias,
      h: states, h_step: Int64(batch * stateRow), h_row: Int64(stateRow),
      c: cellRows, c_step: saved == nil ? 0 : Int64(batch * stateRow), c_row: Int64(stateRow),
      gates: saved.map { workspace.floats(in: $0.gates) }, gates_step: Int64(batch * gatesRow),
      gates_row: Int64(gatesRow), tanh_c: saved.map { workspace.floats(in: $0.squashedCells) },
      h_final: final.hidden, c_final: final.cell)
    withUnsafePointer(to: call) { call in
      device.times.measure(.forward) {
        forRows { rows in device.kernels.lstm_forward(call, Int64(rows.lowerBound), Int64(rows.upperBound)) }
      }
    }
  }

  /// Splits the batch between threads, unless the whole is too little to be worth waking one.
  func forRows(_ body: (Range<Int>) -> Void) {
    let multiplyAddsPerRow = steps * 4 * hidden * (hidden + inputs)
    device.forRanges(of: batch, grain: max(1, 100_000 / multiplyAddsPerRow), body)
  }

  /// The weights as the forward kernel reads them.
  func packWeights(in workspace: Workspace) -> PackedLSTMWeights.Pointers {
    PackedLSTMWeights(weightIH: weightIH, weightHH: weightHH, bias: bias).pointers(in: workspace)
  }

  // MARK: Buffers

  /// Uninitialized hidden states [batch, steps, hidden], time-major and padded, and a final state.
  private func newOutput() -> LSTMOutput {
    let states = Storage(.float32, count: steps * batch * stateRow, on: device)
    return LSTMOutput(
      hiddenStates: Tensor(storage: states, shape: [batch, steps, hidden], strides: [stateRow, batch * stateRow, 1]),
      finalState: LSTMState(hidden: newState(), cell: newState()))
  }

  /// An uninitialized state [batch, hidden] with padded rows.
  func newState() -> Tensor {
    Tensor(
      storage: Storage(.float32, count: batch * padded, on: device), shape: [batch, hidden], strides: [padded, 1])
  }

  /// The two parts of a state whose rows are padded; `nil` for a part that is the symbolic zero.
  func pointers(to state: LSTMState, in workspace: Workspace) -> StatePointers {
    func pointer(to part: Tensor) -> UnsafeMutablePointer<Float>? {
      part.isSymbolicZero ? nil : workspace.floats(of: part)
    }
    return StatePointers(hidden: pointer(to: state.hidden), cell: pointer(to: state.cell))
  }

  /// Copies to `state` what `source` holds; zeros where that is the symbolic zero.
  func fill(_ state: StatePointers, with source: StatePointers) {
    for (to, from) in [(state.hidden, source.hidden), (state.cell, source.cell)] {
      guard let to else { continue }
      if let from {
        to.update(from: from, count: batch * padded)
      } else {
        to.update(repeating: 0, count: batch * padded)
      }
    }
  }

  /// A copy of what `state` holds now.
  private func snapshot(of state: StatePointers, in workspace: Workspace) -> LSTMState {
    let copy = LSTMState(hidden: newState(), cell: newState())
    fill(pointers(to: copy, in: workspace), with: state)
    return copy
  }
}

/// Rows of `padded` floats each: a state, or the gradient of one.
struct StatePointers {
  var hidden, cell: UnsafeMutablePointer<Float>?
}

/// What one segment's forward pass saves; the backward pass writes its dz over the gates.
struct SavedSteps {
  let gates, cells, squashedCells: Storage

  init(of pass: LSTMPass, steps: Int) {
    gates = Storage(.float32, count: steps * pass.batch * pass.gatesRow, on: pass.device)
    cells = Storage(.float32, count: steps * pass.batch * pass.stateRow, on: pass.device)
    squashedCells = Storage(.float32, count: steps * pass.batch * pass.stateRow, on: pass.device)
  }
}

/// What a pullback owns.
final class LSTMTape {
  let hiddenStates: Tensor
  /// The state before each segment.
  var starts: [LSTMState] = []
  /// The last segment's steps, until a pullback has consumed them.
  var saved: SavedSteps?

  init(hiddenStates: Tensor) { self.hiddenStates = hiddenStates }
}

extension LSTMState {
  /// The same state in rows of `width` floats with zeros for padding. Rows that merely lie that far apart, such as those
  /// of a slice, may have anything in between.
  func padded(to width: Int) -> LSTMState {
    func padded(_ part: Tensor) -> Tensor {
      if part.isSymbolicZero || part.shape[1] == width && part.strides == [width, 1] { return part }
      let wide = Tensor.zeros([part.shape[0], width], on: part.device)
      let result = wide.sliced(alongAxis: 1, 0..<part.shape[1])
      part.copyElements(to: result)
      return result
    }
    return LSTMState(hidden: padded(hidden), cell: padded(cell))
  }
}

extension Tensor {
  /// The same [batch, steps, features] with steps slowest in memory, and rows that all lie the same distance apart.
  package func timeMajor() -> Tensor {
    if strides[2] == 1 && strides[1] == shape[0] * strides[0] { return self }
    let (batch, features) = (shape[0], shape[2])
    let copy = Tensor(
      storage: Storage(.float32, count: count, on: device), shape: shape, strides: [features, batch * features, 1])
    copyElements(to: copy)
    return copy
  }
}
