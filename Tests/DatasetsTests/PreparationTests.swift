import Datasets
import Testing

/// Pictures made ready for a network that was trained on MNIST.
@Suite struct PreparationTests {
  /// A sheet with a filled rectangle of ink.
  private func sheet(
    width: Int, height: Int, paper: UInt8, ink: UInt8, columns: Range<Int>, rows: Range<Int>
  ) -> GrayImage {
    var pixels = [UInt8](repeating: paper, count: width * height)
    for y in rows {
      for x in columns {
        pixels[y * width + x] = ink
      }
    }
    return GrayImage(width: width, height: height, pixels: pixels, name: "sheet")
  }

  /// The columns and rows of the result that hold ink.
  private func inkBox(_ pixels: [UInt8]) -> (columns: ClosedRange<Int>, rows: ClosedRange<Int>) {
    let inked = pixels.indices.filter { pixels[$0] > 0 }
    let (columns, rows) = (inked.map { $0 % 28 }, inked.map { $0 / 28 })
    return ((columns.min() ?? 0)...(columns.max() ?? 0), (rows.min() ?? 0)...(rows.max() ?? 0))
  }

  /// Whatever size, place and polarity, the bar becomes 20 high and lies in the middle, where MNIST has it.
  @Test(arguments: [
    (100, UInt8(255), UInt8(0)), (100, 0, 255), (100, 200, 50), (100, 50, 200), (100, 128, 0), (1000, 255, 0),
    (40, 255, 0),
  ])
  func sizePlaceAndPolarityDoNotMatter(side: Int, paper: UInt8, ink: UInt8) throws {
    let unit = side / 20
    let image = sheet(
      width: side, height: side, paper: paper, ink: ink, columns: unit..<5 * unit, rows: 3 * unit..<13 * unit)
    let prepared = try image.preparedLikeMNIST()
    let box = inkBox(prepared)
    // 4 : 10 becomes 8 × 20; the centre of mass of columns 10...17 is 13.5, which rounds to the pixel 14 = 28 / 2.
    #expect(box.columns == 10...17 || box.columns == 11...18)
    #expect(box.rows == 4...23 || box.rows == 5...24)
    #expect(prepared.filter { $0 == 255 }.count == 160)
    #expect(prepared.filter { $0 == 0 }.count == 784 - 160)
  }

  /// The middle is found by mass, not by the box: the thin end of a wedge reaches farther than the thick one.
  @Test func centredByMass() throws {
    var image = [UInt8](repeating: 0, count: 60 * 60)
    for y in 20..<40 {
      for x in 20...y {
        image[y * 60 + x] = 255
      }
    }
    let prepared = try GrayImage(width: 60, height: 60, pixels: image).preparedLikeMNIST()
    var (mass, moment) = (0.0, 0.0)
    for (index, pixel) in prepared.enumerated() {
      mass += Double(pixel)
      moment += Double(pixel) * Double(index % 28)
    }
    #expect(abs(moment / mass - 14) <= 0.5)
    #expect(inkBox(prepared).columns == 8...27)
    #expect(inkBox(prepared).rows == 1...20)
  }

  /// Ink that covers a quarter of what is merged into a pixel is a quarter as strong, wherever in it the ink lies.
  @Test func shrinkingAverages() throws {
    var image = [UInt8](repeating: 0, count: 100 * 100)
    for y in 10..<90 {
      for x in 10..<90 where x % 4 == 2 || x == 89 {
        image[y * 100 + x] = 255
      }
    }
    let prepared = try GrayImage(width: 100, height: 100, pixels: image).preparedLikeMNIST()
    #expect(prepared.filter { $0 == 64 }.count == 19 * 20)
    #expect(prepared.filter { $0 == 128 }.count == 20)
  }

  /// Between the centres of two pixels the strength goes over linearly.
  @Test func growingInterpolates() throws {
    // Ink of 1 × 2 pixels, strengths 1 and 1/2, is enlarged tenfold.
    let pixels: [UInt8] = [0, 0, 0, 0, 240, 0, 0, 120, 0, 0, 0, 0]
    let prepared = try GrayImage(width: 3, height: 4, pixels: pixels).preparedLikeMNIST()
    let column = stride(from: 14, to: 784, by: 28).map { prepared[$0] }.filter { $0 > 0 }
    #expect(column.count == 20)
    #expect(column.first == 255 && column.last == 128)
    #expect(column[9] == 198 || column[9] == 197)
    #expect(column == column.sorted(by: >))
  }

  @Test func faintShadowsAreBackground() throws {
    var image = sheet(width: 100, height: 100, paper: 250, ink: 10, columns: 40..<50, rows: 40..<60).pixels
    image[0] = 230
    image[5050 + 45] = 235
    let prepared = try GrayImage(width: 100, height: 100, pixels: image).preparedLikeMNIST()
    #expect(inkBox(prepared).rows.count == 20)
    #expect(inkBox(prepared).columns.count == 10)
  }

  // MARK: Already laid out

  @Test func mnistsOwnLayoutIsLeftAlone() throws {
    var generator = SeededGenerator(seed: 5)
    var pixels = [UInt8](repeating: 0, count: 784)
    for index in 100..<600 {
      pixels[index] = UInt8.random(in: 0...255, using: &generator)
    }
    pixels = pixels.enumerated().map { [0, 27].contains($0.offset % 28) ? 0 : $0.element }
    let image = GrayImage(width: 28, height: 28, pixels: pixels)
    #expect(try image.preparedLikeMNIST() == pixels)
    let inverted = GrayImage(width: 28, height: 28, pixels: pixels.map { 255 - $0 })
    #expect(try inverted.preparedLikeMNIST() == pixels)
  }

  // MARK: Edges

  @Test(arguments: [UInt8(0), 127, 255])
  func noInk(shade: UInt8) {
    let image = GrayImage(width: 30, height: 30, pixels: [UInt8](repeating: shade, count: 900), name: "blank.png")
    expect(.malformed, saying: "blank.png", "no ink") { _ = try image.preparedLikeMNIST() }
  }

  @Test func noiseIsNoInk() {
    let pixels = (0..<900).map { UInt8(200 + $0 % 15) }
    expect(.malformed, saying: "no ink") {
      _ = try GrayImage(width: 30, height: 30, pixels: pixels).preparedLikeMNIST()
    }
  }

  /// Extreme proportions keep at least one pixel.
  @Test(arguments: [(1000, 1), (1, 1000), (3, 3), (1, 2)])
  func extremeSizes(width: Int, height: Int) throws {
    var pixels = [UInt8](repeating: 0, count: width * height)
    pixels[pixels.count / 2] = 255
    let prepared = try GrayImage(width: width, height: height, pixels: pixels).preparedLikeMNIST()
    #expect(prepared.count == 784)
    #expect(prepared.max() == 255)
  }

  @Test func otherSizesOfTheResult() throws {
    let image = sheet(width: 100, height: 100, paper: 0, ink: 255, columns: 10..<50, rows: 10..<50)
    let prepared = try image.preparedLikeMNIST(height: 14, width: 56)
    #expect(prepared.count == 14 * 56)
    #expect(prepared.filter { $0 == 255 }.count == 100)
  }
}
