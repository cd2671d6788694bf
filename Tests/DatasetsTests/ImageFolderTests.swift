import Datasets
import Foundation
import Testing

@Suite struct ImageFolderTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  /// A picture of 2 rows and 3 columns that tells itself from others by its first pixel.
  private func pgm(_ first: UInt8, height: Int = 2) -> [UInt8] {
    Array("P5 3 \(height) 255\n".utf8) + [first] + [UInt8](repeating: 7, count: 3 * height - 1)
  }

  private func write(_ paths: [String]) throws {
    for (index, path) in paths.enumerated() { try folder.write(pgm(UInt8(index)), to: path) }
  }

  private func firstPixels(_ images: LabeledImages) -> [UInt8] {
    stride(from: 0, to: images.pixels.count, by: images.height * images.width).map { images.pixels[$0] }
  }

  /// Classes and files by the value of the numbers in their names, whatever the order on the disk.
  @Test func undivided() throws {
    try write(["10/b10.pgm", "10/b9.PGM", "2/x.pgm", "1/x.pgm", "02/x.pgm", "Z/x.pgm", "a/x.pgm", "a/.hidden"])
    try folder.write([1], to: "README.txt")
    try folder.write([1], to: ".cache/x.txt")
    let images = try ImageFolder(folder.path)
    #expect(images.classes == ["1", "02", "2", "10", "Z", "a"])
    #expect(!images.isDivided)
    let all = try images.load()
    #expect(all.classes == images.classes)
    #expect(all.name == folder.path)
    #expect(all.images.labels == [0, 1, 2, 3, 3, 4, 5])
    #expect(firstPixels(all.images) == [3, 4, 2, 1, 0, 5, 6])
    #expect((all.images.height, all.images.width) == (2, 3))
    #expect(Array(all.images.pixels[..<6]) == [3, 7, 7, 7, 7, 7])
    expect(.missing, saying: "\(folder.path): has no folders train and test") { _ = try images.load(.train) }
    expect(.missing, saying: "has no folders train and test") { _ = try images.loadBoth() }
  }

  @Test func divided() throws {
    try write(["train/cat/1.pgm", "train/dog/1.pgm", "test/dog/1.pgm", "test/dog/2.pgm", "other/x.txt", "train/x.txt"])
    let images = try ImageFolder(folder.path)
    #expect(images.isDivided)
    let both = try images.loadBoth()
    #expect(both.classes == ["cat", "dog"])
    #expect(both.train.labels == [0, 1])
    #expect(firstPixels(both.train) == [0, 1])
    // The class keeps its label where it stands alone.
    #expect(both.test.labels == [1, 1])
    #expect(firstPixels(both.test) == [2, 3])
    #expect(try images.load(.test).images == both.test)
    expect(.missing, saying: "\(folder.path): is divided into train and test") { _ = try images.load() }
  }

  @Test func aClassOfOneImageIsLearned() throws {
    try write((1...9).map { "a/\($0).pgm" } + (0..<6).map { "single \($0)/1.pgm" })
    let both = try ImageFolder(folder.path).divided().loadBoth()
    #expect(Set(both.train.labels).count == 7 && both.test.count == 3)
  }

  /// Black ink on white paper stays black on white.
  @Test func picturesAreTakenAsTheyAre() throws {
    let picture = GrayImage(width: 2, height: 2, pixels: [255, 255, 0, 255])
    try folder.write(picture.png, to: "a/1.png")
    #expect(try ImageFolder(folder.path).load().images.pixels == [255, 255, 0, 255])
  }

  @Test func sizesDiffer() throws {
    try write(["train/a/1.pgm", "train/b/1.pgm", "test/a/1.pgm"])
    try folder.write(pgm(0, height: 4), to: "train/b/2.pgm")
    let root = folder.path
    expect(
      .malformed,
      saying: "\(root)/train/b/2.pgm: is 4 × 3, but \(root)/train/a/1.pgm is 2 × 3; all images must have one size"
    ) { _ = try ImageFolder(root).load(.train) }
    try folder.write(pgm(0), to: "train/b/2.pgm")
    try folder.write(pgm(0, height: 1), to: "test/a/1.pgm")
    expect(
      .malformed, saying: "\(root)/test/a/1.pgm: is 1 × 3, but \(root)/train/a/1.pgm is 2 × 3; all images"
    ) { _ = try ImageFolder(root).loadBoth() }
  }

  @Test func damagedImage() throws {
    try folder.write([1, 2, 3], to: "a/1.png")
    expect(.malformed, saying: "\(folder.path)/a/1.png: is neither PNG nor PGM") {
      _ = try ImageFolder(folder.path).load()
    }
  }

  /// Which folders and files there must be.
  @Test(arguments: [
    (["x.pgm"], ": holds no folders; one for each class was expected, or train and test with these in them"),
    (["train/a/1.pgm"], ": holds a folder train, and not both train and test; add the other, or rename it"),
    (["test/a/1.pgm"], ": holds a folder test, and not both"),
    (["train/a/1.pgm", "test/x.pgm"], "/test: holds no folders"),
    (["train/x.pgm", "test/a/1.pgm"], "/train: holds no folders"),
    (["train/a/1.pgm", "test/b/1.pgm"], "/test/b: is a class that "),
    (["a/1.pgm", "a/2.jpg"], "/a/2.jpg: is neither .png nor .pgm, and the folder of a class holds only these"),
    (["a/1.pgm", "a/more/2.pgm"], "/a/more: is neither .png nor .pgm"),
    (["a/1.pgm", "b/.2.pgm"], "/b: holds no images; put some there or take it away"),
  ])
  func wrongFolders(files: [String], message: String) throws {
    try write(files)
    expect(.malformed, saying: folder.path + message) { _ = try ImageFolder(folder.path) }
  }

  @Test func noFolder() {
    expect(.missing, saying: "\(folder.path)/nowhere: there is no such folder, or it cannot be read") {
      _ = try ImageFolder(folder.path + "/nowhere")
    }
  }

  @Test func asManyClassesAsLabelsHold() throws {
    for number in 0..<256 { try folder.write(pgm(0), to: "\(number)/1.pgm") }
    let images = try ImageFolder(folder.path).load().images
    #expect(images.labels == (0...255).map { UInt8($0) })
    try folder.write(pgm(0), to: "256/1.pgm")
    expect(.malformed, saying: "holds 257 classes; images can have at most 256, because a label is kept in one byte") {
      _ = try ImageFolder(folder.path)
    }
  }
}
