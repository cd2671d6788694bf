import Tensors

/// How an image is read as a sequence.
public enum SequenceView: String, Sendable, CaseIterable, Codable {
  /// From top to bottom, one row of pixels per step: 28 steps of 28 features for MNIST. The assignment's way.
  case rows
  /// From left to right, one column of pixels per step.
  case columns
  /// In both directions at once: step t has row t and after it column t, 28 steps of 56 features for MNIST. Where an image
  /// is not square, the shorter side is continued by blank paper.
  case rowsAndColumns = "rows-and-columns"
  /// Patch by patch in reading order, 4×4 pixels per step and these in reading order too: 49 steps of 16 features for
  /// MNIST. Patches that reach beyond the image are blank there.
  case patches
  /// Pixel by pixel in reading order, one feature per step: 784 steps for MNIST (Le, Jaitly & Hinton 2015).
  case pixels
  /// Pixel by pixel in an order that is the same for all images and has no neighbours in it: a permutation drawn from the
  /// seed `permutationSeed` (Le, Jaitly & Hinton 2015, who do not give theirs).
  case permuted

  /// Rows and columns of a patch, in pixels.
  public static let patchSize = 4

  /// The order of `permuted` is `RandomGenerator(seed: permutationSeed).permutation(count: height * width)`: step t shows
  /// the pixel at its place t, counted in reading order.
  public static let permutationSeed: UInt64 = 784

  /// What is read at a step: "row".
  public var stepName: String {
    switch self {
    case .rows: "row"
    case .columns: "column"
    case .rowsAndColumns: "row and column"
    case .patches: "patch"
    case .pixels, .permuted: "pixel"
    }
  }

  /// What is read at several steps: "28 rows".
  public var stepNames: String {
    switch self {
    case .rowsAndColumns: "rows and columns"
    case .patches: "patches"
    case .rows, .columns, .pixels, .permuted: stepName + "s"
    }
  }

  /// The steps and features of an image of this size, and where they are among its bytes.
  ///
  /// - Parameters:
  ///   - height: Rows of the image.
  ///   - width: Pixels of a row.
  /// - Returns: The layout, in which each pixel occurs once; in `rowsAndColumns` twice.
  public func layout(height: Int, width: Int) -> SequenceLayout {
    func pixel(_ row: Int, _ column: Int) -> Int? { row < height && column < width ? row * width + column : nil }
    switch self {
    case .rows: return SequenceLayout(steps: height, features: width, stepStride: width, featureStride: 1)
    case .columns: return SequenceLayout(steps: width, features: height, stepStride: 1, featureStride: width)
    case .rowsAndColumns:
      let positions = (0..<max(height, width)).flatMap { step in
        (0..<width).map { pixel(step, $0) } + (0..<height).map { pixel($0, step) }
      }
      return SequenceLayout(features: width + height, positions: positions)
    case .patches:
      let size = Self.patchSize
      let positions = stride(from: 0, to: height, by: size).flatMap { top in
        stride(from: 0, to: width, by: size).flatMap { left in
          (0..<size * size).map { pixel(top + $0 / size, left + $0 % size) }
        }
      }
      return SequenceLayout(features: size * size, positions: positions)
    case .pixels: return SequenceLayout(steps: height * width, features: 1, stepStride: 1, featureStride: 1)
    case .permuted:
      var random = RandomGenerator(seed: Self.permutationSeed)
      return SequenceLayout(features: 1, positions: random.permutation(count: height * width))
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

  /// Where steps and features are among an image's bytes. For some views it is a long list: whoever asks for much keeps it.
  public var layout: SequenceLayout { view.layout(height: height, width: width) }
}
