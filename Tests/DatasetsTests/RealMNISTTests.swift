import Datasets
import Foundation
import Testing

/// MNIST itself, where `UNROLL_DATA` says that it is.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["UNROLL_DATA"] != nil, "needs UNROLL_DATA"))
struct RealMNISTTests {
  @Test func isWhatThePublicationSays() throws {
    let dataset = try DatasetStore().load("mnist")
    #expect((dataset.train.count, dataset.train.height, dataset.train.width) == (60_000, 28, 28))
    #expect((dataset.test.count, dataset.test.height, dataset.test.width) == (10_000, 28, 28))
    #expect(dataset.classes == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
    #expect(dataset.train.labels.prefix(10) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    #expect(dataset.test.labels.prefix(10) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
    // The mean brightness that everybody normalizes with.
    let mean = Double(dataset.train.pixels.reduce(0) { $0 + Int($1) }) / Double(dataset.train.pixels.count) / 255
    #expect(abs(mean - 0.1307) < 0.00005)
  }

  /// Enlarged, inverted and laid off-centre on a sheet, a digit comes back nearly as it was.
  @Test func preparingUndoesEnlargingAndInverting() throws {
    let images = try DatasetStore().load("mnist", .test).images
    var inPlace = 0
    for index in 0..<100 {
      let original = Array(images.pixels[index * 784..<(index + 1) * 784])
      let (scale, side) = (5, 200)
      var sheet = [UInt8](repeating: 255, count: side * side)
      for y in 0..<28 * scale {
        for x in 0..<28 * scale {
          sheet[(y + 3) * side + x + 40] = 255 - original[y / scale * 28 + x / scale]
        }
      }
      let prepared = try GrayImage(width: side, height: side, pixels: sheet).preparedLikeMNIST()
      // MNIST centred the digits before it scaled them: where the centre lies between two pixels, rounding may differ.
      let distances = [0, 1, -1, 28, -28, 29, -29, 27, -27].map { meanDistance(prepared, original, shift: $0) }
      #expect((distances.min() ?? 255) < 1, "test image \(index)")
      inPlace += distances[0] < 1 ? 1 : 0
    }
    #expect(inPlace >= 90)
  }

  /// The mean difference of pixels, 0 to 255, where the second image is moved on by `shift` pixels.
  private func meanDistance(_ a: [UInt8], _ b: [UInt8], shift: Int) -> Double {
    let distances = a.indices.map { index in
      b.indices.contains(index - shift) ? abs(Int(a[index]) - Int(b[index - shift])) : Int(a[index])
    }
    return Double(distances.reduce(0, +)) / Double(a.count)
  }
}
