import CKernels

/// A recurrent layer's weights as its user has them, rows close together, and the kernels that go with them.
struct SequenceWeights {
  let device: Device
  let products: UnrollProducts
  let cell: UnrollCell
  /// Each row's elements lie next to each other; the rows of `weightIH` may be further apart.
  let weightIH, weightHH, bias: Tensor
  /// As the kernels read them, [scales, hidden] with rows of `padded` floats; the symbolic zero where there are none.
  let scales: Tensor
  let inputs, hidden: Int
  /// Blocks of as many hidden units as a vector has floats.
  let blocks: Int
  /// Hidden units padded to whole vectors: P in the kernels' header.
  let padded: Int
  private let lanes: Int

  /// - Parameters:
  ///   - kind: The cell.
  ///   - precision: What products are computed in.
  ///   - weightIH: [gates·hidden, inputs].
  ///   - weightHH: [gates·hidden, hidden].
  ///   - bias: [biases·hidden].
  ///   - scales: [scales·hidden], or the symbolic zero.
  init(_ kind: CellKind, _ precision: Precision, weightIH: Tensor, weightHH: Tensor, bias: Tensor, scales: Tensor) {
    let biases = bias.count / weightHH.shape[1]
    precondition(
      bias.count == biases * weightHH.shape[1] && (biases == kind.biases || biases == kind.biases + kind.foldedBiases),
      "\(kind) with bias \(bias.shape) for \(weightHH.shape[1]) hidden units: expected [\(kind.biases)·hidden]")
    device = weightHH.device
    products = device.products(precision)
    cell = products.cell(kind)
    self.weightIH = weightIH.strides[1] == 1 ? weightIH : weightIH.dense()
    self.weightHH = weightHH.dense()
    self.bias = bias.dense()
    inputs = weightIH.shape[1]
    hidden = weightHH.shape[1]
    lanes = Int(device.kernels.lanes)
    blocks = (hidden + lanes - 1) / lanes
    padded = blocks * lanes
    self.scales = scales.reshaped(to: [kind.scales, hidden]).withRows(paddedTo: padded)
  }

  /// Floats from one row of `weightIH` to the next.
  var weightIHRow: Int { weightIH.strides[0] }

  /// Panels of a matrix with `columns` columns that is packed for products with rows of dz.
  func panels(columns: Int) -> Int { (columns + Int(device.kernels.panel) - 1) / Int(device.kernels.panel) }

  /// Elements of such a panel.
  var panelElements: Int { padded * Int(cell.recurrent.count) * Int(device.kernels.panel) }

  /// Elements of a block of hidden units for the forward pass.
  var blockElements: Int {
    (products.wholeGroups(hidden) + products.wholeGroups(inputs)) * Int(cell.recurrent.count) * lanes
  }

  /// Of these, the recurrent weights, which come first.
  var recurrentBlockElements: Int { products.wholeGroups(hidden) * Int(cell.recurrent.count) * lanes }
}

/// The same in the order in which the kernels read them.
struct PackedWeights {
  /// For the forward pass.
  let weights, bias: Storage
  /// The recurrent weights for the backward pass.
  let transposed: Storage?

  /// Packs all of it at one go.
  init(_ source: SequenceWeights, transposed wantsTransposed: Bool = false) {
    let device = source.device, products = source.products, size = products.elementSize
    let blocks = source.blocks, panels = wantsTransposed ? source.panels(columns: source.hidden) : 0
    let weights = Storage(.uint8, count: blocks * source.blockElements * size, on: device)
    let biasPlanes = Int(source.cell.bias_planes)
    let bias = Storage(
      .float32, count: (biasPlanes > 0 ? biasPlanes : Int(source.cell.bias.slots)) * source.padded, on: device)
    let transposed = wantsTransposed ? Storage(.uint8, count: panels * source.panelElements * size, on: device) : nil
    withWorkspace(on: device) { workspace in
      let hh = workspace.floats(of: source.weightHH), ih = workspace.floats(of: source.weightIH)
      let out = workspace.bytes(in: weights), transposedOut = transposed.map { workspace.bytes(in: $0) }
      let (hidden, inputs, stride) = (Int64(source.hidden), Int64(source.inputs), Int64(source.blockElements))
      let work = blocks * source.blockElements + panels * source.panelElements
      device.forParts(work: work, grain: elementwiseGrain) { part in
        let range = part.range(of: blocks), (first, last) = (Int64(range.lowerBound), Int64(range.upperBound))
        products.pack_gates(source.cell.recurrent, hidden, hidden, hh, hidden, out, stride, first, last)
        products.pack_gates(
          source.cell.input, hidden, inputs, ih, Int64(source.weightIHRow), out + source.recurrentBlockElements * size,
          stride, first, last)
        if let transposedOut {
          let range = part.range(of: panels)
          products.pack_transposed_gates(
            source.cell.recurrent, hidden, hidden, hh, hidden, transposedOut, Int64(range.lowerBound),
            Int64(range.upperBound))
        }
      }
      let biases = workspace.floats(of: source.bias), biasOut = workspace.floats(in: bias)
      if biasPlanes == 0 { return device.kernels.pack_bias(source.cell.bias, hidden, biases, biasOut) }
      biasOut.update(repeating: 0, count: biasPlanes * source.padded)
      for plane in 0..<source.bias.count / source.hidden {
        (biasOut + plane * source.padded).update(from: biases + plane * source.hidden, count: source.hidden)
      }
    }
    self.weights = weights
    self.bias = bias
    self.transposed = transposed
  }
}
