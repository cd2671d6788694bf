import Datasets
import Testing

/// Pictures written are read back by the decoder, which was tested against files of other programs.
@Suite struct PNGWritingTests {
  @Test(arguments: [(1, 1), (28, 28), (1, 5000), (5000, 1), (257, 3), (640, 480)])
  func whatIsWrittenIsReadBack(width: Int, height: Int) throws {
    var generator = SeededGenerator(seed: UInt64(width * 7 + height))
    let count = width * height
    for pixels in [
      generator.bytes(count), [UInt8](repeating: 255, count: count), (0..<count).map { UInt8(truncatingIfNeeded: $0) },
    ] {
      let png = GrayImage(width: width, height: height, pixels: pixels).png
      let image = try GrayImage(encoded: png, name: "written")
      #expect((image.width, image.height) == (width, height))
      #expect(image.pixels == pixels)
      #expect(png == GrayImage(width: width, height: height, pixels: pixels, name: "other").png)
    }
  }

  /// The encoder of the tests was written apart from this one.
  @Test func headAndTailAreTheStandards() {
    let png = GrayImage(width: 258, height: 2, pixels: [UInt8](repeating: 7, count: 516)).png
    var other = PNGEncoder(width: 258, height: 2, depth: 8, colorType: 0)
    other.filter = { 0 }
    let head = PNGEncoder.signature + PNGEncoder.chunk("IHDR", other.header)
    #expect(Array(png.prefix(head.count)) == head)
    #expect(Array(png[(head.count + 4)..<(head.count + 8)]) == Array("IDAT".utf8))
    #expect(Array(png.suffix(12)) == PNGEncoder.chunk("IEND", []))
    #expect(png.count < 200, "\(png.count) bytes for a picture of one shade")
  }

  /// More pixels than are ever read: writing them is no trouble, and reading refuses as with any file.
  @Test func largerThanIsRead() {
    let png = GrayImage(width: 1 << 25 + 1, height: 1, pixels: [UInt8](repeating: 0, count: 1 << 25 + 1)).png
    expect(.malformed, saying: "33554433 × 1", "shrink it") { _ = try GrayImage(encoded: png, name: "written") }
  }
}
