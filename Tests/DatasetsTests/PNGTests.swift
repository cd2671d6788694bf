import Datasets
import Foundation
import Testing

@Suite struct PNGTests {
  /// The legal pairs of colour type and depth.
  static let kinds = [
    (0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8),
    (6, 16),
  ]

  private func decode(_ bytes: [UInt8]) throws -> GrayImage {
    try GrayImage(encoded: bytes, name: "picture.png")
  }

  /// Much smaller than what could be packed into so many bytes.
  @Test func aLargePackedPicture() throws {
    var generator = SeededGenerator(seed: 4)
    let pixels = generator.bytes(600 * 600)
    let folder = try TemporaryFolder()
    let path = try folder.write(compress(Array("P5 600 600 255\n".utf8) + pixels, gzip: true), to: "noise.pgm.gz")
    #expect(try GrayImage(contentsOf: path).pixels == pixels)
  }

  @Test(arguments: PNGFixture.all.indices)
  func filesOfAnotherProgram(index: Int) throws {
    let fixture = PNGFixture.all[index]
    let image = try decode(Array(try #require(Data(base64Encoded: fixture.base64))))
    #expect((image.width, image.height) == (9, 7))
    #expect(image.pixels == fixture.pixels, "\(fixture.name)")
  }

  /// Random samples, random filters, every size up to beyond the eight of an interlaced block.
  @Test(arguments: kinds, [false, true])
  func everyKind(kind: (colorType: Int, depth: Int), isInterlaced: Bool) throws {
    var generator = SeededGenerator(seed: UInt64(kind.colorType * 100 + kind.depth))
    for size in 1...17 {
      let greatest = 1 << kind.depth - 1
      var encoder = PNGEncoder(
        width: size, height: 18 - size, depth: kind.depth, colorType: kind.colorType, isInterlaced: isInterlaced)
      encoder.palette = kind.colorType == 3 ? generator.bytes(3 * (greatest + 1)) : []
      var filters = generator
      encoder.filter = { Int.random(in: 0...4, using: &filters) }
      let (channels, palette) = (encoder.channels, encoder.palette)
      let hasAlpha = kind.colorType == 4 || kind.colorType == 6
      let samples = (0..<encoder.width * encoder.height * channels).map { index in
        hasAlpha && index % channels == channels - 1 ? greatest : Int.random(in: 0...greatest, using: &generator)
      }
      let expected = stride(from: 0, to: samples.count, by: channels).map { index -> UInt8 in
        let value = samples[index...].prefix(channels)
        let bytes = value.map { Int((Double($0) / Double(greatest) * 255).rounded()) }
        switch kind.colorType {
        case 0, 4: return UInt8(bytes[0])
        case 3: return luma(palette[(3 * value[index])...].prefix(3).map(Int.init))
        default: return luma(bytes)
        }
      }
      let image = try decode(encoder.encode(samples))
      #expect((image.width, image.height) == (encoder.width, encoder.height))
      #expect(image.pixels == expected)
    }
  }

  private func luma(_ rgb: [Int]) -> UInt8 {
    UInt8((0.299 * Double(rgb[0]) + 0.587 * Double(rgb[1]) + 0.114 * Double(rgb[2]) + 1e-9).rounded())
  }

  // MARK: Transparency

  /// Ink on nothing: the ground is the ink's opposite, so that white ink does not vanish on white.
  @Test(arguments: [(0, 255), (255, 0)])
  func mostlySeeThrough(ink: Int, ground: UInt8) throws {
    let encoder = PNGEncoder(width: 3, height: 1, depth: 8, colorType: 4)
    #expect(try decode(encoder.encode([ink, 255, 77, 0, 77, 0])).pixels == [UInt8(ink), ground, ground])
  }

  /// Paper with a see-through corner: the ground is like the paper.
  @Test(arguments: [(0, UInt8(0)), (255, 255)])
  func mostlyOpaque(paper: Int, ground: UInt8) throws {
    let encoder = PNGEncoder(width: 3, height: 1, depth: 8, colorType: 4)
    #expect(try decode(encoder.encode([paper, 255, paper, 255, 77, 0])).pixels.last == ground)
  }

  @Test func halfTransparentIsMixed() throws {
    let encoder = PNGEncoder(width: 3, height: 1, depth: 8, colorType: 4)
    #expect(try decode(encoder.encode([0, 128, 0, 0, 0, 0])).pixels == [127, 255, 255])
  }

  @Test func transparentColours() throws {
    var gray = PNGEncoder(width: 3, height: 1, depth: 2, colorType: 0)
    gray.transparency = [0, 3]
    #expect(try decode(gray.encode([3, 0, 3])).pixels == [255, 0, 255])
    gray.transparency = [0, 0]
    #expect(try decode(gray.encode([0, 3, 0])).pixels == [0, 255, 0])

    var rgb = PNGEncoder(width: 3, height: 1, depth: 8, colorType: 2)
    rgb.transparency = [0, 1, 0, 2, 0, 3]
    #expect(try decode(rgb.encode([1, 2, 3, 0, 0, 0, 1, 2, 3])).pixels == [255, 0, 255])

    var palette = PNGEncoder(width: 3, height: 1, depth: 1, colorType: 3, palette: [9, 9, 9, 0, 0, 0])
    palette.transparency = [0]
    #expect(try decode(palette.encode([0, 1, 0])).pixels == [255, 0, 255])
  }

  // MARK: Flaws

  private let encoder = PNGEncoder(width: 4, height: 4, depth: 8, colorType: 0)
  private let samples = Array(0..<16)

  @Test func truncatedAnywhere() {
    let bytes = encoder.encode(samples)
    for count in 0..<bytes.count {
      expect(.malformed, saying: "picture.png") { _ = try decode(Array(bytes.prefix(count))) }
    }
  }

  @Test func damagedAnywhere() {
    let bytes = encoder.encode(samples)
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 0x01
      expect(.malformed, saying: "picture.png") { _ = try decode(damaged) }
    }
  }

  @Test func wrongAmountsOfPixels() {
    let rows = encoder.rows(samples)
    expect(.malformed, saying: "cut off") {
      _ = try decode(encoder.file(pixels: compress(rows.dropLast(), gzip: false)))
    }
    expect(.malformed, saying: "more data than pixels") {
      _ = try decode(encoder.file(pixels: compress(rows + [0], gzip: false)))
    }
    expect(.malformed, saying: "cut off") { _ = try decode(encoder.file(pixels: [])) }
    expect(.malformed, saying: "damaged") { _ = try decode(encoder.file(pixels: compress(rows, gzip: true))) }
  }

  @Test func missingChecksumOfThePixels() {
    let pixels = compress(encoder.rows(samples), gzip: false)
    expect(.malformed, saying: "cut off") { _ = try decode(encoder.file(pixels: pixels.dropLast())) }
    expect(.malformed, saying: "incorrect data check") {
      _ = try decode(encoder.file(pixels: pixels.dropLast() + [pixels[pixels.count - 1] ^ 1]))
    }
  }

  @Test func unknownFilter() {
    var encoder = encoder
    encoder.filter = { 5 }
    expect(.malformed, saying: "filter 5") { _ = try decode(encoder.encode(samples)) }
  }

  @Test(arguments: [(0, 3), (0, 32), (1, 8), (2, 4), (3, 16), (4, 4), (5, 8), (6, 2), (7, 8)])
  func kindsThatDoNotExist(colorType: Int, depth: Int) {
    let encoder = PNGEncoder(width: 1, height: 1, depth: depth, colorType: colorType)
    expect(.malformed, saying: "colour type \(colorType)") { _ = try decode(encoder.file(pixels: [0])) }
  }

  @Test(arguments: [(0, 4), (4, 0)])
  func emptySizes(width: Int, height: Int) {
    let encoder = PNGEncoder(width: width, height: height, depth: 8, colorType: 0)
    expect(.malformed, saying: "at least 1") { _ = try decode(encoder.file(pixels: [0])) }
  }

  @Test func hugeSizes() {
    let greatest = Int(UInt32.max)
    let huge = PNGEncoder(width: greatest, height: greatest, depth: 16, colorType: 6)
    expect(.malformed, saying: "shrink it") { _ = try decode(huge.file(pixels: [0])) }
    // Allowed, but 32 megapixels cannot be in a hundred bytes.
    let lying = PNGEncoder(width: 1 << 13, height: 1 << 12, depth: 8, colorType: 0)
    expect(.malformed, saying: "cut off") { _ = try decode(lying.file(pixels: [UInt8](repeating: 0, count: 100))) }
  }

  @Test func palettes() {
    var encoder = PNGEncoder(width: 1, height: 1, depth: 2, colorType: 3)
    expect(.malformed, saying: "palette of 0 bytes") { _ = try decode(encoder.encode([0])) }
    encoder.palette = [1, 2, 3, 4]
    expect(.malformed, saying: "palette of 4 bytes") { _ = try decode(encoder.encode([0])) }
    encoder.palette = [UInt8](repeating: 0, count: 15)
    expect(.malformed, saying: "palette of 15 bytes") { _ = try decode(encoder.encode([0])) }
    encoder.palette = [1, 2, 3]
    expect(.malformed, saying: "colour 1 of 1") { _ = try decode(encoder.encode([1])) }
    encoder.transparency = [0, 0]
    expect(.malformed, saying: "tRNS") { _ = try decode(encoder.encode([0])) }
  }

  @Test func chunksThatMatter() {
    let header = PNGEncoder.chunk("IHDR", encoder.header)
    let unknown = PNGEncoder.signature + header + PNGEncoder.chunk("ABCD", [])
    expect(.malformed, saying: "unknown kind ABCD") { _ = try decode(unknown) }
    expect(.malformed, saying: "header") { _ = try decode(PNGEncoder.signature + PNGEncoder.chunk("IEND", [])) }
    expect(.malformed, saying: "12 bytes") {
      _ = try decode(PNGEncoder.signature + PNGEncoder.chunk("IHDR", Array(encoder.header.dropLast())))
    }
  }

  @Test func otherFormats() {
    expect(.malformed, saying: "neither PNG nor PGM") { _ = try decode(Array("GIF89a".utf8)) }
    expect(.malformed, saying: "neither PNG nor PGM") { _ = try decode([]) }
    expect(.missing, saying: "No such file") { _ = try GrayImage(contentsOf: "/nowhere/at/all.png") }
  }
}
