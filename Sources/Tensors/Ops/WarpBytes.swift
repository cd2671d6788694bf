/// A grid of control points over an image, which move its pixels: a free-form deformation by uniform cubic B-splines
/// (Rueckert et al. 1999, "Nonrigid registration using free-form deformations", section II).
///
/// The points lie `spacing` apart, the first one `spacing` before the first pixel and the last one as far behind the last.
/// If each is left where it is, every pixel is too; if all are moved by one affine map, every pixel is moved by it, for
/// the splines reproduce linear functions.
public struct WarpGrid: Sendable, Hashable {
  /// The image's size in pixels.
  public let height, width: Int
  /// How many control points there are along each axis.
  public let controls: Int

  /// - Precondition: The image has at least one pixel, and there are from 4 to 16 control points along each axis.
  public init(height: Int, width: Int, controls: Int = 7) {
    precondition(
      height >= 1 && width >= 1 && (4...16).contains(controls),
      "\(controls) control points over an image of \(height)×\(width)")
    self.height = height
    self.width = width
    self.controls = controls
  }

  /// Numbers in the control points of one image: [2, controls, controls], first their rows, then their columns.
  public var controlCount: Int { 2 * controls * controls }

  /// Where the control points lie along an axis of `size` pixels.
  public func positions(along size: Int) -> [Float] {
    (0..<controls).map { Float($0 - 1) * spacing(along: size) }
  }

  private func spacing(along size: Int) -> Float { max(1, Float(size - 1)) / Float(controls - 3) }

  /// What each control point counts for at each pixel of an axis: [size][controls]. At most four are not 0.
  func basis(along size: Int) -> [[Float]] {
    (0..<size).map { pixel in
      let place = Float(pixel) / spacing(along: size)
      let first = min(Int(place), controls - 4), u = place - Float(first)
      let weights = [
        (1 - u) * (1 - u) * (1 - u), 3 * u * u * u - 6 * u * u + 4, -3 * u * u * u + 3 * u * u + 3 * u + 1, u * u * u,
      ]
      var row = [Float](repeating: 0, count: controls)
      for (offset, weight) in weights.enumerated() { row[first + offset] = weight / 6 }
      return row
    }
  }
}

/// Gathers images of bytes into a batch of sequences, as `gatherSequences` does, each with its pixels moved about.
///
/// - Parameters:
///   - bytes: [items, bytes per item] of `uint8`; an item is an image of the grid's size, row by row.
///   - rows: Which items, in the order of the batch.
///   - layout: How an image is read; within its bytes.
///   - scale: What a byte is multiplied by.
///   - shift: What is added then; 0 by default.
///   - grid: The control points.
///   - controlPoints: Called once for each place in the batch, on several threads, to write where the control points of
///     its image are moved to: [2, controls, controls], rows before columns, in pixels. A pixel of the result shows what
///     the image has at the place that the control points give for it, between pixels by bilinear interpolation, and
///     blank beyond the image.
/// - Returns: [rows, steps, features], time-major in memory, as the sequence ops read it.
public func gatherWarpedSequences(
  from bytes: Tensor, rows: [Int32], layout: SequenceLayout, scale: Float, shift: Float = 0, grid: WarpGrid,
  controlPoints: (_ place: Int, UnsafeMutableBufferPointer<Float>) -> Void
) -> Tensor {
  let size = grid.height * grid.width
  precondition(
    bytes.rank == 2 && bytes.elementType == .uint8 && bytes.isDense && bytes.shape[1] == size && layout.extent <= size,
    "images of \(grid.height)×\(grid.width) gathered from \(bytes.elementType) of shape \(bytes.shape)")
  let device = bytes.device, batch = rows.count
  let result = timeMajorBatch(of: bytes, rows, layout)
  let basisY = grid.basis(along: grid.height).flatMap(\.self)
  let columns = grid.basis(along: grid.width)
  let basisX = (0..<grid.controls).flatMap { control in columns.map { $0[control] } }
  withWorkspace(on: device) { workspace in
    let source: UnsafeMutablePointer<UInt8> = workspace.pointer(to: bytes)
    let out = workspace.floats(of: result)
    let basisY = workspace.floats(of: Tensor(basisY, on: device)),
      basisX = workspace.floats(of: Tensor(basisX, on: device))
    let paddedSize = (grid.height + 2) * (grid.width + 2), scratchSize = grid.controlCount + paddedSize + size
    let scratch = workspace.floats(device.threads * scratchSize)
    device.forParts(work: batch, grain: 4) { part in
      let control = scratch + part.index * scratchSize
      let padded = control + grid.controlCount, image = padded + paddedSize
      for place in part.range(of: batch) {
        controlPoints(place, UnsafeMutableBufferPointer(start: control, count: grid.controlCount))
        device.kernels.warp_bytes(
          Int64(grid.height), Int64(grid.width), Int64(grid.controls), basisY, basisX, control,
          source + Int(rows[place]) * size, padded, scale, shift, image)
        for step in 0..<layout.steps {
          layout.copy(step: step, of: image, blank: shift, to: out + (step * batch + place) * layout.features)
        }
      }
    }
  }
  return result
}
