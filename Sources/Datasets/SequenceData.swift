import Tensors

/// Images on a device, ready to be gathered into batches of sequences. Pixels stay bytes until then.
public struct SequenceData: Sendable {
  /// How an image becomes a sequence.
  public let preprocessing: Preprocessing
  /// The class of each image.
  public let labels: [UInt8]
  /// A number that differs, but for rare chance, for other pixels or labels: it tells data sets apart, and proves nothing.
  public let checksum: UInt64
  private let pixels: Tensor
  private var layout: SequenceLayout

  /// Copies `images` to `device`.
  ///
  /// - Precondition: The images have the size that `preprocessing` expects.
  public init(_ images: LabeledImages, _ preprocessing: Preprocessing, on device: Device) {
    precondition(
      images.height == preprocessing.height && images.width == preprocessing.width,
      "images of \(images.height)×\(images.width) for preprocessing of \(preprocessing.height)×\(preprocessing.width)")
    self.preprocessing = preprocessing
    labels = images.labels
    checksum = Self.checksum(of: images)
    pixels = Tensor(images.pixels, shape: [images.count, images.height * images.width], on: device)
    layout = preprocessing.layout
  }

  /// The same images, of whose sequences only the first steps are read. Nothing is copied.
  ///
  /// - Precondition: `steps` is from 1 to the number of steps.
  public func prefix(steps: Int) -> SequenceData {
    var data = self
    data.layout = layout.prefix(steps: steps)
    return data
  }

  /// The same images, of whose sequences only the first steps show something; the rest is blank paper. Nothing is copied.
  ///
  /// - Precondition: `steps` is from 1 to the number of steps.
  public func blanked(after steps: Int) -> SequenceData {
    var data = self
    data.layout = layout.blanked(after: steps)
    return data
  }

  /// The number of sequences.
  public var count: Int { labels.count }
  /// Steps of each sequence.
  public var steps: Int { layout.steps }
  /// Features of each step.
  public var features: Int { layout.features }
  /// Where the pixels are.
  public var device: Device { pixels.device }

  /// A batch of the sequences at `rows`, in that order.
  ///
  /// - Parameter rows: At least one, each below `count`.
  /// - Returns: Sequences [rows, steps, features] and labels [rows] of `int32`.
  public func batch(_ rows: some Collection<Int>) -> (sequences: Tensor, labels: Tensor) {
    device.times.measure(.data) {
      let sequences = gatherSequences(
        from: pixels, rows: rows.map { Int32($0) }, layout: layout, scale: preprocessing.scale,
        shift: preprocessing.shift)
      return (sequences, labels(of: rows))
    }
  }

  /// A batch of the sequences at `rows`, in that order, each image distorted anew.
  ///
  /// - Parameters:
  ///   - rows: At least one, each below `count`.
  ///   - distortion: How much images are changed.
  ///   - random: The generator for each place in the batch, at its start; called on several threads.
  /// - Returns: Sequences [rows, steps, features] and labels [rows] of `int32`.
  public func batch(
    _ rows: some Collection<Int>, distortedBy distortion: Distortion, using random: (_ place: Int) -> RandomGenerator
  ) -> (sequences: Tensor, labels: Tensor) {
    device.times.measure(.data) {
      let grid = WarpGrid(height: preprocessing.height, width: preprocessing.width)
      let sequences = gatherWarpedSequences(
        from: pixels, rows: rows.map { Int32($0) }, layout: layout, scale: preprocessing.scale,
        shift: preprocessing.shift, grid: grid
      ) { place, points in
        var random = random(place)
        distortion.draw(on: grid, using: &random, into: points)
      }
      return (sequences, labels(of: rows))
    }
  }

  private func labels(of rows: some Collection<Int>) -> Tensor { Tensor(rows.map { Int32(labels[$0]) }, on: device) }

  /// FNV-1a (Fowler, Noll and Vo) over words of eight bytes.
  private static func checksum(of images: LabeledImages) -> UInt64 {
    [images.pixels, images.labels].reduce(0xcbf2_9ce4_8422_2325) { hash, bytes in
      bytes.withUnsafeBytes { bytes in
        let words = bytes.count / 8
        var hash = hash
        func add(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01b3 }
        for word in 0..<words {
          add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)))
        }
        for byte in bytes[(8 * words)...] { add(UInt64(byte)) }
        return hash
      }
    }
  }

  /// One blank sequence, [1, steps, features]: what an image without ink looks like to the network.
  public func blankSequence() -> Tensor {
    Tensor(repeating: preprocessing.shift, shape: [1, steps, features], on: device)
  }
}
