import Foundation
import Testing
import Unroll

/// What the documents show compiles, runs and learns.
@Suite struct DocumentTests {
  @Test func exampleLearnsAndReadsAsAStream() throws {
    let folder = try stripesDataset()
    defer { try? FileManager.default.removeItem(at: folder) }
    let (model, test, reader) = try readmeExample(dataset: folder.path)
    #expect(model.evaluate(test).accuracy > 0.95)
    #expect(reader.stepsRead == test.steps)
    let atOnce = softmax(model(test.batch([0]).sequences)).floats
    #expect(reader.probabilities.count == atOnce.count)
    for (streamed, whole) in zip(reader.probabilities, atOnce) { #expect(abs(streamed - whole) < 1e-5) }
  }

  @Test func landingPageExampleTrains() throws {
    let folder = try stripesDataset()
    defer { try? FileManager.default.removeItem(at: folder) }
    let (trainer, reader) = try landingPageExample(dataset: folder.path, height: 6, width: 4)
    #expect(trainer.progress.epoch == 5)
    #expect(reader.stepsRead == 0)
  }

  /// The pages show the very code that is tested.
  @Test func readmeShowsTheTestedExample() throws {
    let head = ["import Unroll", "", "let dataset = \"mnist\"  // or a folder with four IDX files"]
    let body = try example(in: "ReadmeExample.swift", marked: "README")
    let code = (["```swift"] + head + body + ["```"]).joined(separator: "\n")
    #expect(try text(of: "README.md").contains(code), "README.md must contain:\n\(code)")
  }

  @Test func landingPageShowsTheTestedExample() throws {
    let body = try example(in: "LandingPageExample.swift", marked: "Unroll.md").map {
      $0.replacing("load(dataset,", with: "load(\"mnist\",")
        .replacing("height: height, width: width", with: "height: 28, width: 28")
    }
    let code = (["```swift", "import Unroll", ""] + body + ["```"]).joined(separator: "\n")
    let page = "Sources/Unroll/Unroll.docc/Unroll.md"
    #expect(try text(of: page).contains(code), "\(page) must contain:\n\(code)")
  }

  /// Every file that a page of the project refers to is there.
  @Test(arguments: [
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Benchmarks/README.md", "docs/command.md", "docs/json.md",
  ])
  func linksLeadSomewhere(page: String) throws {
    let folder = repository.appendingPathComponent(page).deletingLastPathComponent()
    for link in try text(of: page).matches(of: /\]\(([^)#]+)[^)]*\)/).map({ String($0.1) }) where !link.contains("://")
    {
      let target = folder.appendingPathComponent(link).path
      #expect(FileManager.default.fileExists(atPath: target), "\(page) refers to \(link)")
    }
  }
}

private let repository = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

private func text(of path: String) throws -> String {
  try String(contentsOf: repository.appendingPathComponent(path), encoding: .utf8)
}

/// The lines between the marks in a file beside this one, without their indentation.
private func example(in file: String, marked mark: String) throws -> [String] {
  let lines = try text(of: "Tests/ExampleTests/\(file)").components(separatedBy: "\n")
  let begin = try #require(lines.firstIndex(of: "  // \(mark): begin"))
  let end = try #require(lines.firstIndex(of: "  // \(mark): end"))
  try #require(end > begin + 5)
  return lines[(begin + 1)..<end].map { String($0.dropFirst(2)) }
}

/// A folder with a small data set in IDX files: images of 6 × 4 pixels with noise, and ink in the row that is the label.
private func stripesDataset() throws -> URL {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("unroll-readme-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  var random = RandomGenerator(seed: 7)
  for (file, count) in [("train", 3000), ("t10k", 200)] {
    let labels = (0..<count).map { UInt8($0 % 3) }
    let pixels = labels.flatMap { label in
      (0..<6).flatMap { row in
        random.uniforms(count: 4, in: 0..<64).map { UInt8($0) + (row == Int(label) ? 190 : 0) }
      }
    }
    try (Data(idxHeader([count, 6, 4])) + pixels).write(
      to: folder.appendingPathComponent("\(file)-images-idx3-ubyte"))
    try (Data(idxHeader([count])) + labels).write(to: folder.appendingPathComponent("\(file)-labels-idx1-ubyte"))
  }
  return folder
}

/// The header of an IDX file of bytes: magic number, then each dimension as a big-endian 32-bit number.
private func idxHeader(_ dimensions: [Int]) -> [UInt8] {
  [0, 0, 8, UInt8(dimensions.count)]
    + dimensions.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
}
