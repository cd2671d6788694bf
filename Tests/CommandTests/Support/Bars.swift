import Foundation

/// A data set of three classes: images with a horizontal, a vertical or a diagonal bar, as IDX files.
struct Bars {
  var side = 8
  var trainCount = 240
  var testCount = 90
  /// Classes in turn; more than 3 repeat the bars.
  var trainClasses = 3
  var testClasses = 3

  /// The image of a number.
  func image(_ index: Int) -> [UInt8] {
    let place = index * 7 / 3 % side
    return (0..<side * side).map { pixel in
      let (y, x) = (pixel / side, pixel % side)
      return [y == place, x == place, x == y][index % 3] ? 255 : UInt8((index * 31 + pixel * 17) % 23)
    }
  }

  /// Writes the four files.
  func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (part, first, count, classes) in [
      ("train", 0, trainCount, trainClasses), ("t10k", 3000, testCount, testClasses),
    ] {
      let pixels = (first..<first + count).flatMap(image)
      try idx([count, side, side], pixels).write(to: folder.appending(path: "\(part)-images-idx3-ubyte"))
      let labels = (0..<count).map { UInt8($0 % classes) }
      try idx([count], labels).write(to: folder.appending(path: "\(part)-labels-idx1-ubyte"))
    }
  }
}

/// The content of an IDX file of bytes.
func idx(_ dimensions: [Int], _ elements: [UInt8]) -> Data {
  let sizes = dimensions.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
  return Data([0, 0, 8, UInt8(dimensions.count)] + sizes + elements)
}
