import CKernels

/// A recurrent layer that reads one sequence a step at a time: weights packed once, and no memory taken after that.
package final class StreamingLayer {
  private let device: Device
  private let products: UnrollProducts
  private let cell: UnrollCell
  private let hidden, inputs, padded: Int
  private let packed: PackedWeights
  /// [scales, hidden] with padded rows, or the symbolic zero.
  private let scales: Tensor
  /// Two hidden states, of which the kernel reads one and writes the other, and the cell state.
  private let states: Storage
  /// Room for the gates of one step, for cells that need it.
  private let gates: Storage?
  /// The two hidden states and the input as elements; not used in single precision, where floats are elements.
  private let elements: Storage
  private var newest = 0

  /// - Parameters:
  ///   - kind: The cell.
  ///   - weightIH: [gates·hidden, inputs].
  ///   - weightHH: [gates·hidden, hidden].
  ///   - bias: [biases·hidden].
  ///   - scales: [scales·hidden], or the symbolic zero where the kind has none.
  ///   - precision: What products are computed in.
  package init(
    _ kind: CellKind, weightIH: Tensor, weightHH: Tensor, bias: Tensor, scales: Tensor = .zero,
    precision: Precision = .fp32
  ) {
    let weights = SequenceWeights(
      kind, precision, weightIH: weightIH, weightHH: weightHH, bias: bias, scales: scales)
    device = weights.device
    products = weights.products
    cell = weights.cell
    hidden = weights.hidden
    inputs = weights.inputs
    padded = weights.padded
    packed = PackedWeights(weights)
    self.scales = weights.scales
    states = Storage(.float32, count: 3 * padded, on: device)
    gates =
      cell.needs_gates == 0
      ? nil : Storage(.float32, count: Int(cell.recurrent.slots) * padded, on: device)
    elements = Storage(.uint8, count: (2 * padded + products.wholeGroups(inputs)) * products.elementSize, on: device)
    reset()
  }

  /// Back to the zero state.
  package func reset() {
    states.floats.update(repeating: 0, count: 3 * padded)
    elements.bytes.initializeMemory(as: UInt8.self, repeating: 0, count: elements.count)
  }

  /// Reads one step, as many features as the layer has inputs, and calls `body` with the new hidden state.
  package func step<Result>(
    _ input: UnsafeBufferPointer<Float>, _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    precondition(input.count == inputs, "a step of \(input.count) features for a network of \(inputs)")
    guard let features = input.baseAddress else { preconditionFailure("a step without features") }
    return withExtendedLifetime((states, elements, packed, scales, gates)) {
      let old = newest * padded, new = (1 - newest) * padded
      newest = 1 - newest
      let floats = states.floats, size = products.elementSize
      var x = UnsafeRawPointer(features), stateElements = UnsafeMutableRawPointer(floats)
      if size != 4 {
        stateElements = elements.bytes
        let converted = elements.bytes + 2 * padded * size
        products.to_elements(1, Int64(inputs), features, 0, converted, 0)
        x = UnsafeRawPointer(converted)
      }
      // The kernel reads a block of the cell state before it writes it, so one buffer serves as both.
      let cellState = cell.has_cell_state != 0 ? floats + 2 * padded : nil
      var call = UnrollForward(
        batch: 1, steps: 1, inputs: Int64(inputs), hidden: Int64(hidden), reversed: 0, lengths: nil, x: x, x_step: 0,
        x_row: 0, h0: floats + old, h0_elements: stateElements + old * size, c0: cellState.map { UnsafePointer($0) },
        weights: packed.weights.bytes, bias: packed.bias.floats,
        scales: scales.storage.map { UnsafePointer($0.floats + scales.offset) }, h: floats + new, h_step: 0, h_row: 0,
        h_elements: stateElements + new * size, h_elements_step: 0, h_elements_row: 0, c: cellState, c_step: 0,
        c_row: 0, gates: gates?.floats, gates_step: 0, gates_row: 0, tanh_c: nil, h_final: nil, c_final: nil)
      cell.forward(&call, 0, 1)
      return body(UnsafeBufferPointer(start: floats + new, count: hidden))
    }
  }
}
