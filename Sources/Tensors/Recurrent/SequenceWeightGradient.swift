import CKernels

/// The sums dW = Σ dzᵀ·[h, x] and db = Σ dz over all steps and rows.
///
/// The work is cut by columns of dz or by columns of h and x, never by rows: each piece sums all rows in order, so the
/// bits do not depend on the number of threads.
struct SequenceWeightGradient {
  private let pass: SequencePass
  private let recurrent, input, bias: Sums
  /// 1 as an element: the bias is a weight of something that is always 1.
  private let one: UnsafeMutableRawPointer

  /// Sums by panel of dz's columns: [panels][width][panel].
  private struct Sums {
    let gates: UnrollGates
    let base: UnsafeMutablePointer<Float>
    /// Columns of the logical gradient; floats of a panel, and how many panels there are.
    let width, panel, panels: Int

    init(_ gates: UnrollGates, width: Int, of pass: SequencePass, in workspace: Workspace) {
      self.gates = gates
      self.width = width
      panel = Int(pass.products.sums_panel(gates))
      panels = (Int(gates.count) * pass.padded + panel - 1) / panel
      base = workspace.zeros(panels * width * panel)
    }
  }

  /// What is summed: the product of rows of dz with rows of h, x or ones. Distances between rows count elements.
  private struct Product {
    let dz: UnsafeRawPointer
    let factor: UnsafeRawPointer
    let rows, factorRow: Int
  }

  init(of pass: SequencePass, in workspace: Workspace) {
    self.pass = pass
    recurrent = Sums(pass.cell.recurrent, width: pass.hidden, of: pass, in: workspace)
    input = Sums(pass.cell.input, width: pass.inputs, of: pass, in: workspace)
    bias = Sums(pass.cell.bias, width: 1, of: pass, in: workspace)
    one = workspace.bytes(4)
    var number: Float = 1
    pass.products.to_elements(1, 1, &number, 1, one, 1)
  }

  /// Adds what a segment contributes. `states` are its hidden states as elements; `start` is the one before it.
  func add(
    _ dz: UnsafeMutableRawPointer, _ segment: Range<Int>, states: UnsafeMutableRawPointer, input x: InputElements,
    start: UnsafeRawPointer?, in workspace: Workspace
  ) {
    let batch = pass.batch, rows = segment.count * batch, size = pass.products.elementSize
    // The state before a step is the output of the step read before it: `batch` rows earlier, or later.
    let dzStep = batch * pass.dzRow * size, stateStep = batch * pass.stateElementsRow * size
    var before = [
      Product(
        dz: pass.reversed ? dz : dz + dzStep, factor: pass.reversed ? states + stateStep : states, rows: rows - batch,
        factorRow: pass.stateElementsRow)
    ]
    if let start {
      before += firstRows(of: segment).map { first in
        Product(
          dz: dz + first.row * pass.dzRow * size, factor: start + first.batchRow * pass.padded * size,
          rows: first.count, factorRow: pass.padded)
      }
    }
    let xStart = x.pointer(toStep: segment.lowerBound, in: workspace)
    run([
      (before, recurrent), ([Product(dz: dz, factor: xStart, rows: rows, factorRow: x.row)], input),
      ([Product(dz: dz, factor: one, rows: rows, factorRow: 0)], bias),
    ])
  }

  /// Where rows of the batch read their first step, as runs of rows of dz.
  private func firstRows(of segment: Range<Int>) -> [(row: Int, batchRow: Int, count: Int)] {
    guard pass.reversed else { return [(row: 0, batchRow: 0, count: pass.batch)] }
    guard let lengths = pass.lengths else {
      return [(row: (segment.count - 1) * pass.batch, batchRow: 0, count: pass.batch)]
    }
    return lengths.enumerated().compactMap { batchRow, length in
      let last = min(Int(length) - segment.lowerBound, segment.count) - 1
      return last < 0 ? nil : (row: last * pass.batch + batchRow, batchRow: batchRow, count: 1)
    }
  }

  private func run(_ work: [(products: [Product], sums: Sums)]) {
    let multiplyAdds = work.reduce(0) { total, item in
      total + item.products.reduce(0) { $0 + $1.rows } * item.sums.width * Int(item.sums.gates.count) * pass.hidden
    }
    pass.device.forParts(work: multiplyAdds, grain: 50_000) { part in
      for (products, sums) in work {
        // By panels where they come out even, which reads h and x once per thread; else by columns of h and x.
        let byPanels = sums.panels % part.count == 0 || sums.panels >= 4 * part.count
        let panels = byPanels ? part.range(of: sums.panels) : 0..<sums.panels
        let columns = byPanels ? 0..<sums.width : part.range(of: sums.width)
        for product in products {
          pass.products.accumulate_transposed(
            sums.gates, Int64(pass.hidden), Int64(product.rows), Int64(columns.count),
            product.factor + columns.lowerBound * pass.products.elementSize, Int64(product.factorRow), product.dz,
            Int64(pass.dzRow), sums.base + columns.lowerBound * sums.panel, Int64(sums.width * sums.panel),
            Int64(panels.lowerBound), Int64(panels.upperBound))
        }
      }
    }
  }

  /// The gradients in the weights' own layout.
  func finish() -> SequenceGradient {
    let device = pass.device, (hidden, blocks) = (pass.hidden, pass.weights.blocks)
    let gradient = SequenceGradient(
      weightIH: Tensor(uninitialized: pass.weights.weightIH.shape, on: device),
      weightHH: Tensor(uninitialized: pass.weights.weightHH.shape, on: device),
      bias: Tensor(uninitialized: pass.weights.bias.shape, on: device))
    withWorkspace(on: device) { workspace in
      let unpacked = [(recurrent, gradient.weightHH), (input, gradient.weightIH), (bias, gradient.bias)].map {
        ($0, workspace.floats(of: $1))
      }
      device.forParts(work: blocks * pass.weights.blockElements, grain: elementwiseGrain) { part in
        let range = part.range(of: blocks)
        for (sums, out) in unpacked {
          device.kernels.unpack_gradient(
            sums.gates, Int64(hidden), Int64(sums.width), sums.base, Int64(sums.panel), Int64(sums.width * sums.panel),
            out, Int64(sums.width), Int64(range.lowerBound), Int64(range.upperBound))
        }
      }
    }
    return gradient
  }
}
