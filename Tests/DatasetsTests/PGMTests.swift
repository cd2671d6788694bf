import Datasets
import Testing

@Suite struct PGMTests {
  private func decode(_ header: String, _ raster: [UInt8] = []) throws -> GrayImage {
    try GrayImage(encoded: Array(header.utf8) + raster, name: "picture.pgm")
  }

  @Test func text() throws {
    let image = try decode("P2 # by hand\n3 # columns\n 2\n#greatest:\n10\n0 5 10\n10\t5\r\n0")
    #expect((image.width, image.height) == (3, 2))
    #expect(image.pixels == [0, 128, 255, 255, 128, 0])
  }

  @Test func binary() throws {
    // The first pixel looks like white space, the second like a comment.
    #expect(try decode("P5 2 2 255\n", [0x20, 0x23, 0, 255]).pixels == [0x20, 0x23, 0, 255])
  }

  @Test func binaryOfTwoBytes() throws {
    #expect(try decode("P5\n2 1\n65535\n", [0x80, 0x80, 0xff, 0xff]).pixels == [0x80, 0xff])
    #expect(try decode("P5\n2 1\n256\n", [0x01, 0x00, 0x00, 0x80]).pixels == [255, 128])
  }

  @Test func onlyTheFirstOfSeveralPictures() throws {
    #expect(try decode("P5 1 1 255\n", [7] + Array("P5 1 1 255\n\u{9}".utf8)).pixels == [7])
  }

  @Test(arguments: [
    ("P2", "ends before its width"), ("P2 2", "ends before its height"), ("P2 2 1", "ends before its greatest"),
    ("P2 2 1 255 3", "ends before its grey value"), ("P2 2 1 255 300 ", "ends before its grey value"),
    ("P2 2 1 255 3 x", "other than digits"), ("P2 -2 1 255", "other than digits"), ("P2 0 1 255 1", "at least 1"),
    ("P2 1 1 0 0", "1 to 65535"), ("P2 1 1 65536 0", "1 to 65535"), ("P2 1 1 9 10", "grey value of 10"),
    ("P2 99999999999999999999 1 255 0", "too large"), ("P2 100000 100000 255 0", "shrink it"),
    ("P2 5000 5000 255 0", "ends before its last pixel"), ("P5 2 1 255\nx", "ends before its last pixel"),
    ("P5 2 1 256\nxyz", "ends before its last pixel"), ("P5 2 1 255", "ends before its last pixel"),
    ("P5 1 1 9\nx", "grey value of 120"), ("P6 1 1 255\nxyz", "neither PNG nor PGM"),
  ])
  func flaws(content: String, reason: String) {
    expect(.malformed, saying: "picture.pgm", reason) { _ = try decode(content) }
  }
}
