import Tensors

/// Sequences on a device, ready to be gathered into batches: images, whose pixels stay bytes until then, or series of
/// numbers, each of its own length.
public struct SequenceData: Sendable {
  /// What the sequences are made from.
  public let input: SequenceInput
  /// What each is to be answered with.
  public let answers: Answers
  /// A number that differs, but for rare chance, for other values or answers: it tells data sets apart, and proves nothing.
  public let checksum: UInt64
  private var store: Store

  /// What each sequence is to be answered with.
  public enum Answers: Sendable, Equatable {
    /// Its class, counted from 0.
    case classes([Int])
    /// The network's right output, where it is asked for a number; see `SequenceTarget`.
    case outputs([Float])
  }

  private enum Store {
    /// [images, pixels] of bytes.
    case images(pixels: Tensor, layout: SequenceLayout)
    /// [steps of all sequences, features], and which steps are each sequence's.
    case series(steps: Tensor, ranges: [Range<Int>])
  }

  /// Copies `images` to `device`.
  ///
  /// - Precondition: The images have the size that `preprocessing` expects.
  public init(_ images: LabeledImages, _ preprocessing: Preprocessing, on device: Device) {
    precondition(
      images.height == preprocessing.height && images.width == preprocessing.width,
      "images of \(images.height)×\(images.width) for preprocessing of \(preprocessing.height)×\(preprocessing.width)")
    input = .images(preprocessing)
    answers = .classes(images.labels.map(Int.init))
    var checksum = Checksum()
    checksum.add(images.pixels)
    checksum.add(images.labels)
    self.checksum = checksum.value
    let pixels = Tensor(images.pixels, shape: [images.count, images.height * images.width], on: device)
    store = .images(pixels: pixels, layout: preprocessing.layout)
  }

  /// Copies sequences of numbers to `device`, as the network shall read them.
  ///
  /// - Parameters:
  ///   - sequences: What was read; with the features that `preprocessing` expects.
  ///   - preprocessing: What is done to the numbers.
  ///   - target: What is asked about each sequence. Labels that are not among its classes, or sequences without targets,
  ///     count as the first class or the mean: whoever learns or examines has to look at that first.
  ///   - device: Where to put them.
  public init(
    _ sequences: LabeledSequences, _ preprocessing: SeriesPreprocessing, target: SequenceTarget, on device: Device
  ) {
    precondition(
      sequences.features == preprocessing.features,
      "sequences of \(sequences.features) features for preprocessing of \(preprocessing.features)")
    input = .series(preprocessing)
    answers = Answers(of: sequences, target: target)
    var checksum = Checksum()
    sequences.values.withUnsafeBytes { checksum.add($0) }
    sequences.lengths.withUnsafeBytes { checksum.add($0) }
    switch answers {
    case .classes(let classes): classes.withUnsafeBytes { checksum.add($0) }
    case .outputs(let outputs): outputs.withUnsafeBytes { checksum.add($0) }
    }
    self.checksum = checksum.value
    let ranges = sequences.ranges, features = sequences.features
    var values: [Float] = []
    values.reserveCapacity(sequences.values.count)
    for range in ranges {
      preprocessing.apply(
        to: sequences.values[range.lowerBound * features..<range.upperBound * features], appendingTo: &values)
    }
    store = .series(
      steps: Tensor(values, shape: [values.count / features, features], on: device), ranges: ranges)
  }

  /// The same sequences, of which only the first steps are read. Nothing is copied.
  ///
  /// - Precondition: `steps` is from 1 to the number of steps.
  public func prefix(steps: Int) -> SequenceData {
    precondition((1...self.steps).contains(steps), "the first \(steps) of \(self.steps) steps")
    var data = self
    switch store {
    case .images(let pixels, let layout): data.store = .images(pixels: pixels, layout: layout.prefix(steps: steps))
    case .series(let all, let ranges):
      data.store = .series(steps: all, ranges: ranges.map { $0.lowerBound..<min($0.upperBound, $0.lowerBound + steps) })
    }
    return data
  }

  /// The same images, of whose sequences only the first steps show something; the rest is blank paper. Nothing is copied.
  ///
  /// - Precondition: They are images, and `steps` is from 1 to the number of steps.
  public func blanked(after steps: Int) -> SequenceData {
    guard case .images(let pixels, let layout) = store else { preconditionFailure("series have no blank paper") }
    var data = self
    data.store = .images(pixels: pixels, layout: layout.blanked(after: steps))
    return data
  }

  /// The number of sequences.
  public var count: Int { answers.count }
  /// Steps of the longest sequence.
  public var steps: Int {
    switch store {
    case .images(_, let layout): layout.steps
    case .series(_, let ranges): ranges.lazy.map(\.count).max() ?? 0
    }
  }
  /// Features of each step.
  public var features: Int {
    switch store {
    case .images(_, let layout): layout.features
    case .series(let steps, _): steps.shape[1]
    }
  }
  /// The class of each sequence, counted from 0; none where a number is asked for.
  public var labels: [Int] {
    if case .classes(let classes) = answers { classes } else { [] }
  }
  /// Steps of each sequence; `nil` if all have the same number.
  public var lengths: [Int]? {
    guard case .series(_, let ranges) = store, let first = ranges.first,
      ranges.contains(where: { $0.count != first.count })
    else { return nil }
    return ranges.map(\.count)
  }
  /// Where the values are.
  public var device: Device {
    switch store {
    case .images(let pixels, _): pixels.device
    case .series(let steps, _): steps.device
    }
  }
  /// The features of a step that shows nothing: blank paper, or each feature's mean.
  public var blank: Float { input.images?.shift ?? 0 }

  /// A batch of the sequences at `rows`, in that order.
  ///
  /// - Parameter rows: At least one, each below `count`.
  /// - Returns: Sequences as long as the longest of them, and what they are to be answered with.
  public func batch(_ rows: some Collection<Int>) -> SequenceBatch {
    device.times.measure(.data) {
      switch store {
      case .images(let pixels, let layout):
        let preprocessing = imagePreprocessing
        let sequences = gatherSequences(
          from: pixels, rows: rows.map { Int32($0) }, layout: layout, scale: preprocessing.scale,
          shift: preprocessing.shift)
        return SequenceBatch(sequences: sequences, targets: targets(of: rows))
      case .series(let steps, let ranges):
        let ranges = rows.map { ranges[$0] }, lengths = ranges.map(\.count)
        return SequenceBatch(
          sequences: gatherSequences(from: steps, ranges: ranges), targets: targets(of: rows),
          lengths: lengths.allSatisfy { $0 == lengths[0] } ? nil : lengths)
      }
    }
  }

  /// A batch of the sequences at `rows`, in that order, each image distorted anew.
  ///
  /// - Parameters:
  ///   - rows: At least one, each below `count`.
  ///   - distortion: How much images are changed.
  ///   - random: The generator for each place in the batch, at its start; called on several threads.
  /// - Returns: Sequences and what they are to be answered with.
  /// - Precondition: They are images.
  public func batch(
    _ rows: some Collection<Int>, distortedBy distortion: Distortion, using random: (_ place: Int) -> RandomGenerator
  ) -> SequenceBatch {
    guard case .images(let pixels, let layout) = store else { preconditionFailure("series distorted like images") }
    return device.times.measure(.data) {
      let preprocessing = imagePreprocessing
      let grid = WarpGrid(height: preprocessing.height, width: preprocessing.width)
      let sequences = gatherWarpedSequences(
        from: pixels, rows: rows.map { Int32($0) }, layout: layout, scale: preprocessing.scale,
        shift: preprocessing.shift, grid: grid
      ) { place, points in
        var random = random(place)
        distortion.draw(on: grid, using: &random, into: points)
      }
      return SequenceBatch(sequences: sequences, targets: targets(of: rows))
    }
  }

  private var imagePreprocessing: Preprocessing {
    guard let images = input.images else { preconditionFailure("series where images were expected") }
    return images
  }

  private func targets(of rows: some Collection<Int>) -> Tensor {
    switch answers {
    case .classes(let classes): Tensor(rows.map { Int32(classes[$0]) }, on: device)
    case .outputs(let outputs): Tensor(rows.map { outputs[$0] }, on: device)
    }
  }

  /// One blank sequence, [1, steps, features]: what an image without ink looks like to the network.
  public func blankSequence() -> Tensor { Tensor(repeating: blank, shape: [1, steps, features], on: device) }
}

extension SequenceData.Answers {
  /// The number of sequences.
  var count: Int {
    switch self {
    case .classes(let classes): classes.count
    case .outputs(let outputs): outputs.count
    }
  }

  fileprivate init(of sequences: LabeledSequences, target: SequenceTarget) {
    switch (target, sequences.targets) {
    case (.classes(let names), .labels(let labels)):
      self = .classes(classNumbers(of: labels, among: names))
    case (.number(let mean, let deviation), .numbers(let numbers)):
      self = .outputs(numbers.map { ($0 - mean) / deviation })
    case (.classes, _): self = .classes([Int](repeating: 0, count: sequences.count))
    case (.number, _): self = .outputs([Float](repeating: 0, count: sequences.count))
    }
  }
}

/// FNV-1a (Fowler, Noll and Vo) over words of eight bytes.
private struct Checksum {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let words = bytes.count / 8
    // A local copy, which the compiler keeps in a register.
    var hash = value
    func add(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01b3 }
    for word in 0..<words {
      add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)))
    }
    for byte in bytes[(8 * words)...] { add(UInt64(byte)) }
    value = hash
  }
}
