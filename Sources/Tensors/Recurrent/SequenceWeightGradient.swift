import CKernels

/// The sums dW = Σ dzᵀ·[h, x] and db = Σ dz over all steps and rows.
///
/// A large batch is summed in two halves, which are added at the end. Two threads then have a half each: that whose steps
/// they have just computed, so that it need not come from the other core. Otherwise the work is cut by columns of dz or by
/// columns of h and x, where each piece sums all rows in order. Both depend on the shape alone, so the bits do not depend
/// on the number of threads.
struct SequenceWeightGradient {
  private let pass: SequencePass
  /// Whether nothing has been added yet: the sums are then still to be made zero.
  private var isEmpty = true
  /// The rows of the batch that are summed together.
  private let halves: [Range<Int>]
  private let recurrent, input, bias: Sums
  /// 1 as an element: the bias is a weight of something that is always 1.
  private let one: UnsafeMutableRawPointer

  /// Sums by half of the batch and panel of dz's columns: [halves][panels][width][panel].
  private struct Sums {
    let gates: UnrollGates
    let base: UnsafeMutablePointer<Float>
    /// Columns of the logical gradient; floats of a panel, and how many panels there are.
    let width, panel, panels: Int

    init(_ gates: UnrollGates, width: Int, halves: Int, of pass: SequencePass, in workspace: Workspace) {
      self.gates = gates
      self.width = width
      panel = Int(pass.products.sums_panel(gates))
      panels = (Int(gates.count) * pass.padded + panel - 1) / panel
      base = workspace.floats(halves * panels * width * panel)
    }

    /// Floats of one half.
    var count: Int { panels * width * panel }

    /// Makes some columns of some panels zero, counted over both halves.
    func clear(_ range: Range<Int>, columns: Range<Int>) {
      for index in range {
        (base + (index * width + columns.lowerBound) * panel).update(repeating: 0, count: columns.count * panel)
      }
    }
  }

  /// What is summed: the product of rows of dz with rows of h, x or ones, for one half.
  private struct Product {
    let half: Int
    let rows: UnrollRows
    let dz: UnsafeRawPointer
    let factor: UnsafeRawPointer
  }

  init(of pass: SequencePass, in workspace: Workspace) {
    self.pass = pass
    let middle = pass.batch / 2
    // Runs of rows shorter than this would load and store the sums too often.
    let halves = middle >= 32 ? [0..<middle, middle..<pass.batch] : [0..<pass.batch]
    func sums(_ gates: UnrollGates, width: Int) -> Sums {
      Sums(gates, width: width, halves: halves.count, of: pass, in: workspace)
    }
    recurrent = sums(pass.cell.recurrent, width: pass.hidden)
    input = sums(pass.cell.input, width: pass.inputs)
    bias = sums(pass.cell.bias, width: 1)
    one = workspace.bytes(4)
    var number: Float = 1
    pass.products.to_elements(1, 1, &number, 1, one, 1)
    self.halves = halves
  }

  /// Adds what a segment contributes. `states` are its hidden states as elements; `start` is the one before it.
  mutating func add(
    _ dz: UnsafeMutableRawPointer, _ segment: Range<Int>, states: UnsafeMutableRawPointer, input x: InputElements,
    start: UnsafeRawPointer?, in workspace: Workspace
  ) {
    let (dzRow, stateRow) = (pass.dzRow, pass.stateElementsRow), dzStep = pass.batch * dzRow * pass.products.elementSize
    let stateStep = pass.batch * stateRow * pass.products.elementSize
    // The state before a step is the output of the step read before it: `batch` rows earlier, or later.
    var before = products(
      steps: segment.count - 1, dz: pass.reversed ? dz : dz + dzStep,
      factor: pass.reversed ? states + stateStep : states, factorRow: stateRow)
    if let start { before += productsWithFirstState(dz, segment, start: start) }
    let xStart = x.pointer(toStep: segment.lowerBound, in: workspace)
    run([
      (before, recurrent), (products(steps: segment.count, dz: dz, factor: xStart, factorRow: x.row), input),
      (products(steps: segment.count, dz: dz, factor: one, factorRow: 0), bias),
    ])
    isEmpty = false
  }

  /// The products of all rows of some steps, a run of rows per step where the batch is halved.
  private func products(
    steps: Int, dz: UnsafeRawPointer, factor: UnsafeRawPointer, factorRow: Int
  ) -> [Product] {
    let batch = pass.batch, size = pass.products.elementSize
    return halves.indices.map { half in
      let rows = halves[half]
      let (runs, count) = rows.count == batch ? (1, steps * batch) : (steps, rows.count)
      return Product(
        half: half,
        rows: UnrollRows(
          runs: Int64(runs), count: Int64(count), a_run: Int64(batch * factorRow), a_row: Int64(factorRow),
          dz_run: Int64(batch * pass.dzRow), dz_row: Int64(pass.dzRow)),
        dz: dz + rows.lowerBound * pass.dzRow * size, factor: factor + rows.lowerBound * factorRow * size)
    }
  }

  /// The products of each row's first step with the state before the segment.
  private func productsWithFirstState(
    _ dz: UnsafeRawPointer, _ segment: Range<Int>, start: UnsafeRawPointer
  ) -> [Product] {
    let size = pass.products.elementSize
    return firstRows(of: segment).flatMap { first in
      halves.indices.compactMap { half -> Product? in
        let rows = halves[half].clamped(to: first.batchRows)
        guard !rows.isEmpty else { return nil }
        return Product(
          half: half,
          rows: UnrollRows(
            runs: 1, count: Int64(rows.count), a_run: 0, a_row: Int64(pass.padded), dz_run: 0,
            dz_row: Int64(pass.dzRow)),
          dz: dz + (first.step * pass.batch + rows.lowerBound) * pass.dzRow * size,
          factor: start + rows.lowerBound * pass.padded * size)
      }
    }
  }

  /// At which step of the segment rows of the batch read their first one.
  private func firstRows(of segment: Range<Int>) -> [(step: Int, batchRows: Range<Int>)] {
    guard pass.reversed else { return [(step: 0, batchRows: 0..<pass.batch)] }
    guard let lengths = pass.lengths else { return [(step: segment.count - 1, batchRows: 0..<pass.batch)] }
    return lengths.enumerated().compactMap { batchRow, length in
      let last = min(Int(length) - segment.lowerBound, segment.count) - 1
      return last < 0 ? nil : (step: last, batchRows: batchRow..<batchRow + 1)
    }
  }

  private func run(_ work: [(products: [Product], sums: Sums)]) {
    let multiplyAdds = work.reduce(0) { total, item in
      let rows = item.products.reduce(0) { $0 + Int($1.rows.runs * $1.rows.count) }
      return total + rows * item.sums.width * Int(item.sums.gates.count) * pass.hidden
    }
    let size = pass.products.elementSize
    pass.device.forParts(work: multiplyAdds, grain: 50_000) { part in
      for (products, sums) in work {
        // By panels of the halves where they come out even, which reads h and x once per thread; else by columns of them.
        let panels = halves.count * sums.panels
        let byPanels = panels % part.count == 0 || panels >= 4 * part.count
        let mine = byPanels ? part.range(of: panels) : 0..<panels
        let columns = byPanels ? 0..<sums.width : part.range(of: sums.width)
        // Each thread its own, while it is about to be in that core's cache.
        if isEmpty { sums.clear(mine, columns: columns) }
        for product in products {
          let first = product.half * sums.panels
          let range = mine.clamped(to: first..<first + sums.panels)
          guard !range.isEmpty else { continue }
          pass.products.accumulate_transposed(
            sums.gates, Int64(pass.hidden), Int64(columns.count), product.rows,
            product.factor + columns.lowerBound * size,
            product.dz, sums.base + product.half * sums.count + columns.lowerBound * sums.panel,
            Int64(sums.width * sums.panel), Int64(range.lowerBound - first), Int64(range.upperBound - first))
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
            sums.gates, Int64(hidden), Int64(sums.width), sums.base, halves.count == 2 ? sums.base + sums.count : nil,
            Int64(sums.panel), Int64(sums.width * sums.panel), out, Int64(sums.width), Int64(range.lowerBound),
            Int64(range.upperBound))
        }
      }
    }
    return gradient
  }
}
