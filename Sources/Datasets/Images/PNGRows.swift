/// The rows of a PNG, inflated and unfiltered one after the other.
struct PNGRows {
  private var data: PixelData
  private let pixelBits: Int
  private var previous: [UInt8] = []
  private var current: [UInt8] = []

  /// - Parameters:
  ///   - compressed: the zlib stream.
  ///   - pixelBits: bits in a pixel.
  init(_ compressed: [UInt8], pixelBits: Int) {
    data = PixelData(compressed)
    self.pixelBits = pixelBits
  }

  /// Begins a (reduced) picture of that many columns: filters do not look across.
  mutating func startPass(columns: Int) {
    current = [UInt8](repeating: 0, count: (columns * pixelBits + 7) / 8)
    previous = current
  }

  /// The bytes of the next row.
  mutating func next() throws(ImageFlaw) -> [UInt8] {
    swap(&previous, &current)
    var filter: [UInt8] = [0]
    try data.fill(&filter)
    try data.fill(&current)
    try unfilter(filter[0])
    return current
  }

  /// Checks that the last row was the end of the data.
  mutating func finish() throws(ImageFlaw) {
    try data.finish()
  }

  /// Adds to each byte what its neighbours foretell (section 9.2): `a` left, `b` above, `c` above left.
  private mutating func unfilter(_ filter: UInt8) throws(ImageFlaw) {
    let distance = max(1, pixelBits / 8)
    guard filter <= 4 else {
      throw ImageFlaw("is a damaged PNG: a row has filter \(filter); 0 to 4 exist")
    }
    guard filter > 0 else { return }
    for index in current.indices {
      let a = index >= distance ? current[index - distance] : 0
      let b = previous[index]
      let c = index >= distance ? previous[index - distance] : 0
      switch filter {
      case 1: current[index] &+= a
      case 2: current[index] &+= b
      case 3: current[index] &+= UInt8((Int(a) + Int(b)) / 2)
      default: current[index] &+= Self.paeth(Int(a), Int(b), Int(c))
      }
    }
  }

  /// Whichever of the three is nearest to a + b - c.
  private static func paeth(_ a: Int, _ b: Int, _ c: Int) -> UInt8 {
    let (distanceA, distanceB, distanceC) = (abs(b - c), abs(a - c), abs(a + b - 2 * c))
    if distanceA <= distanceB && distanceA <= distanceC {
      return UInt8(a)
    }
    return UInt8(distanceB <= distanceC ? b : c)
  }
}

/// The inflated content of all IDAT chunks, front to back.
private struct PixelData {
  private let compressed: [UInt8]
  private let inflater = Inflater(.zlib)
  private var position = 0
  private var isAtEnd = false

  init(_ compressed: [UInt8]) {
    self.compressed = compressed
  }

  mutating func fill(_ buffer: inout [UInt8]) throws(ImageFlaw) {
    var filled = 0
    while filled < buffer.count {
      let count = try inflate(into: &buffer, from: filled)
      guard count > 0 else {
        throw ImageFlaw("is a PNG whose pixels are cut off")
      }
      filled += count
    }
  }

  /// Throws where more data comes, or where zlib's checksum at the end is missing or wrong.
  mutating func finish() throws(ImageFlaw) {
    var surplus: [UInt8] = [0]
    guard try inflate(into: &surplus, from: 0) == 0 else {
      throw ImageFlaw("is a damaged PNG: it has more data than pixels")
    }
    guard isAtEnd else {
      throw ImageFlaw("is a PNG whose pixels are cut off")
    }
  }

  /// Inflates into the buffer from an offset on, as far as one go leads; 0 means that nothing more comes.
  private mutating func inflate(into buffer: inout [UInt8], from offset: Int) throws(ImageFlaw) -> Int {
    guard !isAtEnd else { return 0 }
    do throws(Inflater.Corruption) {
      let progress = try compressed.withUnsafeBufferPointer { input throws(Inflater.Corruption) in
        try buffer.withUnsafeMutableBufferPointer { output throws(Inflater.Corruption) in
          try inflater.inflate(
            UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: input[position...])),
            into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: output[offset...])))
        }
      }
      position += progress.consumed
      isAtEnd = progress.isAtEnd
      return progress.produced
    } catch {
      throw ImageFlaw("is a damaged PNG: \(error.reason)")
    }
  }
}
