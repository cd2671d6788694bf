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

  @Test func idxFiles() throws {
    let folder = try TemporaryFolder()
    let whole = idx([2, 3, 4], Array(0..<24))
    var generator = SeededGenerator(seed: 11)
    var (read, refused) = (0, 0)
    for round in 0..<3000 {
      let bytes =
        switch round % 3 {
        case 0: mutate(whole, &generator)
        case 1: mutate(compress(whole, gzip: true), &generator)
        default: compress(mutate(whole, &generator), gzip: true)
        }
      do {
        let array = try IDXArray(contentsOf: try folder.write(bytes, to: "file"), rank: 3)
        #expect(array.bytes.count == array.dimensions.reduce(1, *))
        read += 1
      } catch {
        refused += 1
      }
    }
    // Both ways must have been walked, or the loop has tested nothing.
    #expect(read > 100 && refused > 1000, "\(read) read, \(refused) refused")
  }

  @Test func pngFiles() throws {
    var generator = SeededGenerator(seed: 12)
    var (read, refused) = (0, 0)
    for round in 0..<6000 {
      let bytes = damagedPNG(round, &generator)
      do {
        let image = try GrayImage(encoded: bytes, name: "png")
        #expect(image.pixels.count == image.width * image.height)
        _ = try? image.preparedLikeMNIST()
        read += 1
      } catch {
        refused += 1
      }
    }
    #expect(read > 100 && refused > 1000, "\(read) read, \(refused) refused")
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

  @Test func pgmFiles() throws {
    var generator = SeededGenerator(seed: 13)
    var (read, refused) = (0, 0)
    for round in 0..<4000 {
      let whole =
        round % 2 == 0
        ? Array("P2 # text\n3 2\n300\n1 20 300 4 5 6\n".utf8) : Array("P5\n3 2 255\n".utf8) + generator.bytes(6)
      do {
        let image = try GrayImage(encoded: mutate(whole, &generator), name: "pgm")
        #expect(image.pixels.count == image.width * image.height)
        _ = try? image.preparedLikeMNIST()
        read += 1
      } catch {
        refused += 1
      }
    }
    #expect(read > 100 && refused > 1000, "\(read) read, \(refused) refused")
  }
}
