import Datasets
import Testing

@Suite struct LabeledImagesTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func read(images: [UInt8], labels: [UInt8], classCount: Int? = nil) throws -> LabeledImages {
    try LabeledImages(
      imagesAt: try folder.write(images, to: "images"), labelsAt: try folder.write(labels, to: "labels"),
      classCount: classCount)
  }

  @Test func aPairOfFiles() throws {
    let pixels = (0..<12).map { UInt8($0) }
    let images = try read(images: idx([2, 2, 3], pixels), labels: idx([2], [9, 0]), classCount: 10)
    #expect((images.count, images.height, images.width) == (2, 2, 3))
    #expect(images.pixels == pixels)
    #expect(images.labels == [9, 0])
  }

  @Test func differentCounts() {
    expect(.malformed, saying: "labels", "3 labels for the 2 images") {
      _ = try read(images: idx([2, 1, 1], [0, 0]), labels: idx([3], [0, 0, 0]))
    }
  }

  @Test func labelBeyondTheClasses() {
    expect(.malformed, saying: "label 1 is 10", "10 classes") {
      _ = try read(images: idx([2, 1, 1], [0, 0]), labels: idx([2], [9, 10]), classCount: 10)
    }
  }

  @Test func everyLabelIsFineWithoutClasses() throws {
    #expect(try read(images: idx([1, 1, 1], [0]), labels: idx([1], [255])).labels == [255])
  }

  @Test func emptySet() {
    expect(.malformed, saying: "empty") { _ = try read(images: idx([0, 28, 28], []), labels: idx([0], [])) }
  }

  @Test func swappedFiles() {
    expect(.malformed, saying: "swapped") {
      _ = try read(images: idx([1], [0]), labels: idx([1, 1, 1], [0]))
    }
  }
}
