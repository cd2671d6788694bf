import Tensors

/// How an image is read as a sequence.
public enum SequenceView: String, Sendable, CaseIterable, Codable {
  /// From top to bottom, one row of pixels per step: 28 steps of 28 features for MNIST. The assignment's way.
  case rows
  /// From left to right, one column of pixels per step.
  case columns
  /// Pixel by pixel in reading order, one feature per step: 784 steps for MNIST.
  case pixels

  /// The steps and features of an image of this size, and where they are among its bytes.
  ///
  /// - Parameters:
  ///   - height: Rows of the image.
  ///   - width: Pixels of a row.
  /// - Returns: The layout, in which each pixel occurs once.
  public func layout(height: Int, width: Int) -> SequenceLayout {
    switch self {
    case .rows: SequenceLayout(steps: height, features: width, stepStride: width, featureStride: 1)
    case .columns: SequenceLayout(steps: width, features: height, stepStride: 1, featureStride: width)
    case .pixels: SequenceLayout(steps: height * width, features: 1, stepStride: 1, featureStride: 1)
    }
  }
}

/// What is done to an image before a network reads it. A model file carries it, so that prediction takes raw pixels.
public struct Preprocessing: Sendable, Hashable, Codable {
  /// How the image becomes a sequence.
  public var view: SequenceView
  /// The image's size in pixels.
  public var height, width: Int
  /// A pixel (0…255) becomes the feature `scale · pixel + shift`.
  public var scale, shift: Float

  /// Preprocessing of images of one size; by default a row per step, and features from 0 to 1.
  public init(view: SequenceView = .rows, height: Int, width: Int, scale: Float = 1 / 255, shift: Float = 0) {
    self.view = view
    self.height = height
    self.width = width
    self.scale = scale
    self.shift = shift
  }

  /// Where steps and features are among an image's bytes.
  public var layout: SequenceLayout { view.layout(height: height, width: width) }
}

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
    precondition((1...self.steps).contains(steps), "the first \(steps) of \(self.steps) steps")
    var data = self
    data.layout = SequenceLayout(
      steps: steps, features: features, stepStride: layout.stepStride, featureStride: layout.featureStride)
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
