import Datasets
import Tensors
import Testing

@Suite struct SequenceViewTests {
  /// Pixel numbers, step by step; -1 where a feature is blank.
  private func positions(_ view: SequenceView, height: Int, width: Int) -> [[Int]] {
    let layout = view.layout(height: height, width: width)
    return (0..<layout.steps).map { step in
      (0..<layout.features).map { layout.position(step: step, feature: $0) ?? -1 }
    }
  }

  @Test(arguments: [
    (SequenceView.rows, "row", "rows"), (.columns, "column", "columns"), (.patches, "patch", "patches"),
    (.rowsAndColumns, "row and column", "rows and columns"), (.pixels, "pixel", "pixels"),
    (.permuted, "pixel", "pixels"),
  ])
  func stepsHaveNames(view: SequenceView, one: String, several: String) {
    #expect(view.stepName == one && view.stepNames == several)
  }

  @Test func rowsColumnsAndPixels() {
    #expect(positions(.rows, height: 2, width: 3) == [[0, 1, 2], [3, 4, 5]])
    #expect(positions(.columns, height: 2, width: 3) == [[0, 3], [1, 4], [2, 5]])
    #expect(positions(.pixels, height: 2, width: 3) == [[0], [1], [2], [3], [4], [5]])
  }

  @Test func bothDirections() {
    #expect(positions(.rowsAndColumns, height: 2, width: 2) == [[0, 1, 0, 2], [2, 3, 1, 3]])
    #expect(
      positions(.rowsAndColumns, height: 2, width: 3) == [[0, 1, 2, 0, 3], [3, 4, 5, 1, 4], [-1, -1, -1, 2, 5]])
  }

  @Test func patchesAreReadInReadingOrder() {
    let whole = positions(.patches, height: 8, width: 8)
    #expect(whole.count == 4)
    #expect(whole[1] == [4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31])
    #expect(whole[2].first == 32)
  }

  @Test func patchesBeyondTheImageAreBlank() {
    let cut = positions(.patches, height: 3, width: 5)
    #expect(cut.count == 2)
    #expect(cut[0] == [0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13, -1, -1, -1, -1])
    #expect(cut[1] == [4, -1, -1, -1, 9, -1, -1, -1, 14, -1, -1, -1, -1, -1, -1, -1])
  }

  /// Models that were trained on an order are worthless with another: it must never change.
  @Test func thePermutationIsFixed() {
    let order = positions(.permuted, height: 28, width: 28).flatMap(\.self)
    #expect(order.sorted() == Array(0..<784))
    #expect(order.prefix(8) == [688, 644, 280, 419, 511, 117, 294, 338])
  }

  @Test(arguments: SequenceView.allCases) func batchesShowWhatTheLayoutSays(_ view: SequenceView) {
    let (height, width) = (5, 7)
    let pixels = (0..<2 * height * width).map { UInt8($0 * 3 + 1) }
    let images = LabeledImages(height: height, width: width, pixels: pixels, labels: [0, 1])
    let preprocessing = Preprocessing(view: view, height: height, width: width, scale: 2, shift: -1)
    let data = SequenceData(images, preprocessing, on: .cpu)
    let expected = positions(view, height: height, width: width).flatMap { step in
      step.map { $0 < 0 ? -1 : 2 * Float(pixels[height * width + $0]) - 1 }
    }
    #expect(data.batch([1]).sequences.floats == expected)
    #expect(data.prefix(steps: 2).batch([1]).sequences.floats == Array(expected.prefix(2 * data.features)))

    let blanked = expected.prefix(2 * data.features) + repeatElement(-1, count: expected.count - 2 * data.features)
    #expect(data.blanked(after: 2).batch([1]).sequences.floats == Array(blanked))

    // Nothing is moved, so the same must come out.
    let still = data.batch([1], distortedBy: Distortion()) { _ in RandomGenerator(seed: 1) }.sequences.floats
    #expect(zip(still, expected).allSatisfy { abs($0 - $1) < 1e-3 }, "\(still)")
  }
}
