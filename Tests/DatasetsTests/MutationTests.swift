import Datasets
import Testing

/// Thousands of files, each good once and then damaged: whatever comes, a reader answers or throws, and never traps.
@Suite struct MutationTests {
  /// One to four changes: bytes replaced, removed, repeated, or the end cut off.
  private func mutate(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let position = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[position] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
      case 2: bytes[position] = UInt8.random(in: 0...255, using: &generator)
      case 3: bytes.remove(at: position)
      case 4: bytes.insert(contentsOf: bytes[position...].prefix(9), at: position)
      default: bytes.removeLast(Int.random(in: 0...min(20, bytes.count), using: &generator))
      }
    }
    return bytes
  }

  /// Reads so many damaged files, and expects that both ways were walked, or the loop has tested nothing.
  private func check(seed: UInt64, rounds: Int = 20_000, read: (_ round: Int, inout SeededGenerator) throws -> Void) {
    var generator = SeededGenerator(seed: seed)
    var (good, refused) = (0, 0)
    for round in 0..<rounds {
      do {
        try read(round, &generator)
        good += 1
      } catch {
        #expect(error is DatasetError)
        refused += 1
      }
    }
    #expect(good > 300 && refused > 3000, "\(good) read, \(refused) refused")
  }

  @Test func idxFiles() {
    let whole = idx([2, 3, 4], Array(0..<24))
    check(seed: 11) { round, generator in
      let bytes =
        switch round % 3 {
        case 0: mutate(whole, &generator)
        case 1: mutate(compress(whole, gzip: true), &generator)
        default: compress(mutate(whole, &generator), gzip: true)
        }
      let array = try IDXArray(bytes: bytes, name: "idx", rank: 3)
      #expect(array.bytes.count == array.dimensions.reduce(1, *))
    }
  }

  @Test func npyFiles() {
    let types = ["<f2", "<f4", ">f8", "|i1", "<i8", ">u2", "|b1"]
    check(seed: 14) { round, generator in
      let type = types[round % types.count]
      var encoder = NumPyEncoder(
        type, shape: "(2, 3)", isColumnMajor: round % 2 == 0,
        elements: generator.bytes(6 * (Int(type.suffix(1)) ?? 1)))
      encoder.version = (UInt8(1 + round % 3), 0)
      // The padding of the header is most of it: without that, damage hits what matters.
      switch round % 4 {
      case 0: encoder.dictionary = String(decoding: mutate(Array(encoder.dictionary.utf8), &generator), as: UTF8.self)
      case 1: encoder.elements = mutate(encoder.elements, &generator)
      default: break
      }
      let bytes = round % 4 > 1 ? mutate(encoder.file, &generator) : encoder.file
      let array = try NumPyArray(bytes: round % 5 == 0 ? compress(bytes, gzip: true) : bytes, name: "npy")
      #expect(array.values.count == array.shape.reduce(1, *))
    }
  }

  @Test func npzFiles() {
    check(seed: 15) { round, generator in
      let values = NumPyEncoder((0..<12).map(Float.init), shape: "(2, 3, 2)").file
      let targets = NumPyEncoder(round % 2 == 0 ? "<U1" : "<i4", shape: "(2,)", elements: [65, 0, 0, 0, 66, 0, 0, 0])
        .file
      let lengths = NumPyEncoder("|u1", shape: "(2,)", elements: [3, 2]).file
      // With right checksums around it, damage reaches the arrays and what they must have in common.
      func array(_ bytes: [UInt8]) -> [UInt8] {
        round % 3 == 0 && Bool.random(using: &generator) ? mutate(bytes, &generator) : bytes
      }
      var encoder = ZipEncoder(
        arrays: [("X", array(values)), ("y", array(targets)), ("lengths", array(lengths))],
        method: round % 4 < 2 ? 0 : 8)
      encoder.isWide = round % 5 == 0
      let bytes = round % 3 == 0 ? encoder.file : mutate(encoder.file, &generator)
      let sequences = try SequenceParts(npz: bytes, name: "npz", as: .labels).train
      #expect(sequences.values.count == sequences.lengths.reduce(0, +) * sequences.features)
    }
  }

  @Test func pngFiles() {
    check(seed: 12) { round, generator in
      let image = try GrayImage(encoded: damagedPNG(round, &generator), name: "png")
      #expect(image.pixels.count == image.width * image.height)
      _ = try? image.preparedLikeMNIST()
    }
  }

  /// A PNG of a kind that depends on the round, damaged in a layer that depends on it too.
  private func damagedPNG(_ round: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    let (colorType, depth) = PNGTests.kinds[round % PNGTests.kinds.count]
    var encoder = PNGEncoder(
      width: 5, height: 9, depth: depth, colorType: colorType, isInterlaced: Bool.random(using: &generator))
    if colorType == 3 {
      encoder.palette = generator.bytes(3 << depth)
    }
    var samples: [Int] = []
    for _ in 0..<45 * encoder.channels {
      samples.append(Int.random(in: 0..<1 << depth, using: &generator))
    }
    switch round % 4 {
    case 0:
      return mutate(encoder.encode(samples), &generator)
    case 1:
      // With right checksums around it, damage reaches the decompression,
      return encoder.file(pixels: mutate(compress(encoder.rows(samples), gzip: false), &generator))
    case 2:
      // the filters and the palette,
      return encoder.file(pixels: compress(mutate(encoder.rows(samples), &generator), gzip: false))
    default:
      // and the header, which takes 25 bytes as a chunk behind the 8 of the signature.
      return PNGEncoder.signature + PNGEncoder.chunk("IHDR", mutate(encoder.header, &generator))
        + Array(encoder.encode(samples).dropFirst(8 + 25))
    }
  }

  @Test func pgmFiles() {
    check(seed: 13) { round, generator in
      let whole =
        round % 2 == 0
        ? Array("P2 # text\n3 2\n300\n1 20 300 4 5 6\n".utf8) : Array("P5\n3 2 255\n".utf8) + generator.bytes(6)
      let image = try GrayImage(encoded: mutate(whole, &generator), name: "pgm")
      #expect(image.pixels.count == image.width * image.height)
      _ = try? image.preparedLikeMNIST()
    }
  }
}
