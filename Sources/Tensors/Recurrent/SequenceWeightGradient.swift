import CKernels

/// The sums dW = Σ dzᵀ·[h, x] and db = Σ dz over all steps and rows.
///
/// The work is cut by columns of dz and by columns of h or x, never by rows: each piece sums all rows in order, so the
/// bits do not depend on the number of threads.
struct LSTMWeightGradient {
  private let pass: LSTMPass
  /// Columns of dz in one block, and how many blocks there are.
  private let blockSize, blocks: Int
  private let hidden, input, bias: Sums
  private let one: UnsafeMutablePointer<Float>

  /// Sums by block of dz: [blocks][width][blockSize].
  private struct Sums {
    let base: UnsafeMutablePointer<Float>
    let width: Int
  }

  /// What is summed: the product of rows of dz with rows of h, x or, for the bias, of ones.
  private struct Product {
    let dz, factor: UnsafeMutablePointer<Float>
    let rows, factorRow: Int
  }

  init(of pass: LSTMPass, in workspace: Workspace) {
    self.pass = pass
    let blockSize = Int(pass.device.kernels.panel)
    let blocks = 4 * pass.padded / blockSize
    func sums(width: Int) -> Sums { Sums(base: workspace.zeros(blocks * width * blockSize), width: width) }
    hidden = sums(width: pass.hidden)
    input = sums(width: pass.inputs)
    bias = sums(width: 1)
    one = workspace.floats(1)
    one.pointee = 1
    self.blockSize = blockSize
    self.blocks = blocks
  }

  /// Adds what a segment contributes. `states` are its hidden states; `start` is the hidden state before it.
  func add(
    _ dz: UnsafeMutablePointer<Float>, _ segment: Range<Int>, states: UnsafeMutablePointer<Float>,
    start: UnsafeMutablePointer<Float>?, in workspace: Workspace
  ) {
    let batch = pass.batch, rows = segment.count * batch
    let x = workspace.floats(of: pass.input) + segment.lowerBound * pass.input.strides[1]
    // The state before a step is the output of the step read before it: `batch` rows earlier, or later.
    let following = batch * pass.gatesRow
    var recurrent = [
      pass.reversed
        ? Product(dz: dz, factor: states + batch * pass.stateRow, rows: rows - batch, factorRow: pass.stateRow)
        : Product(dz: dz + following, factor: states, rows: rows - batch, factorRow: pass.stateRow)
    ]
    if let start {
      recurrent += firstRows(of: segment).map { first in
        Product(
          dz: dz + first.row * pass.gatesRow, factor: start + first.batchRow * pass.padded, rows: first.count,
          factorRow: pass.padded)
      }
    }
    run([
      (recurrent, hidden),
      ([Product(dz: dz, factor: x, rows: rows, factorRow: pass.input.strides[0])], input),
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
    // Pieces of 192 columns make good use of dz while it is in the cache, and can still be shared out between threads.
    let pieces = work.flatMap { products, sums in
      stride(from: 0, to: sums.width, by: 192).map { (products, sums, $0..<min($0 + 192, sums.width)) }
    }
    let kernels = pass.device.kernels
    // Some 64 columns of dz at a time: less would read h and x too often.
    let blocksPerPiece = max(1, 64 / blockSize), groups = (blocks + blocksPerPiece - 1) / blocksPerPiece
    pass.device.forRanges(of: groups * pieces.count) { range in
      for index in range {
        let first = index / pieces.count * blocksPerPiece, last = min(first + blocksPerPiece, blocks)
        let (products, sums, columns) = pieces[index % pieces.count]
        for product in products {
          kernels.accumulate_transposed(
            Int64(product.rows), Int64(columns.count), product.factor + columns.lowerBound, Int64(product.factorRow),
            product.dz, Int64(pass.gatesRow), sums.base + columns.lowerBound * blockSize,
            Int64(sums.width * blockSize), Int64(first), Int64(last))
        }
      }
    }
  }

  /// The gradients in the weights' own layout.
  func finish() -> LSTMGradient {
    LSTMGradient(
      weightIH: tensor(input, shape: [4 * pass.hidden, pass.inputs]),
      weightHH: tensor(hidden, shape: [4 * pass.hidden, pass.hidden]),
      bias: tensor(bias, shape: [4 * pass.hidden]))
  }

  private func tensor(_ sums: Sums, shape: [Int]) -> Tensor {
    let result = Tensor(uninitialized: shape, on: pass.device)
    withWorkspace(on: pass.device) { workspace in
      let out = workspace.floats(of: result)
      pass.device.forRanges(of: blocks, grain: max(1, elementwiseGrain / (sums.width * blockSize))) { range in
        pass.device.kernels.lstm_unpack_gradient(
          Int64(pass.hidden), Int64(sums.width), sums.base, Int64(sums.width * blockSize), out, Int64(sums.width),
          Int64(range.lowerBound), Int64(range.upperBound))
      }
    }
    return result
  }
}
