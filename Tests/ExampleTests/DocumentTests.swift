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

  /// The three pages of the tutorial, one after the other on one file; the model learns, and stops early.
  @Test func tutorialTrainsReadsAndStopsEarly() throws {
    let folder = try stripesDataset()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("model.safetensors")
    let (network, test) = try trainingPage(dataset: folder.path, file: file)
    #expect(network.evaluate(test).accuracy > 0.95)

    let (reader, trace) = try readingPage(file: file)
    #expect(reader.stepsRead == test.steps)
    // The page scales bytes by itself; what it reads is what the network was trained on.
    let first = softmax(network(test.batch([0]).sequences)).floats
    let second = softmax(network(test.batch([1]).sequences)).floats
    for (page, whole) in zip(trace.probabilities.selected(test.steps - 1, alongAxis: 0).floats, first) {
      #expect(abs(page - whole) < 1e-5)
    }
    for (page, whole) in zip(reader.probabilities, second) { #expect(abs(page - whole) < 1e-5) }

    let (comparison, stopped) = try stoppingPage(file: file)
    let early = try #require(comparison.best?.onTest)
    #expect(early.accuracy > 0.9 && early.earliness < 0.9, "\(early)")
    #expect(stopped.isSure)
    #expect(try TrainedModel(contentsOf: file).temperatures?.count == test.steps)
  }

  @Test func tutorialLearnsOnesOwnSequences() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("unroll-series-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let data = folder.appendingPathComponent("slopes.csv")
    let file = folder.appendingPathComponent("slopes.safetensors")
    try slopes(count: 120).write(to: data, atomically: true, encoding: .utf8)
    let (model, test, answers) = try seriesPage(path: data.path, file: file)
    #expect(test.count == 24)
    #expect(model.classifier.evaluate(test).accuracy > 0.9)
    #expect(answers == ["up", "down"])
    #expect(try TrainedModel(contentsOf: file).source == model.source)
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

  /// All code of a page of the tutorial, taken together, is what is tested, after the lines that import the library and
  /// name data and files.
  @Test(
    arguments: [
      ("Training-a-network.md", #"let dataset = "mnist"  // or a folder with four IDX files"#, "digits"),
      ("Reading-as-a-stream.md", nil, "digits"),
      ("Stopping-early.md", nil, "digits"),
      ("Your-own-sequences.md", #"let path = "slopes.csv"  // or .ts, .npz, .npy"#, "slopes"),
    ])
  func tutorialShowsTheTestedExamples(page: String, data: String?, model: String) throws {
    let names = [data, #"let file = URL(fileURLWithPath: "\#(model).safetensors")"#].compactMap { $0 }
    let head = ["import Foundation", "import Unroll", ""] + names
    let body = try example(in: "TutorialExamples.swift", marked: page)
    let blocks = try text(of: "Sources/Unroll/Unroll.docc/\(page)").matches(of: /```swift\n((?s:.*?))```\n/).map {
      String($0.1)
    }
    let shown = blocks.joined(separator: "\n").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    for (line, (shown, tested)) in zip(shown.map(String.init), head + [""] + body).enumerated() {
      try #require(shown == tested, "\(page), line \(line + 1) of its code")
    }
    #expect(shown.count == head.count + 1 + body.count, "\(page)")
  }

  /// Every file that a page of the project refers to is there.
  @Test(arguments: [
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Benchmarks/README.md", "Examples/README.md", "docs/command.md",
    "docs/export.md", "docs/json.md", "docs/onnx.md", "docs/pytorch.md", "docs/series.md",
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

/// Sequences in separated values, one in a line after the header: numbers that rise or fall by about 1, from 3 to 8 of
/// them, and which.
private func slopes(count: Int) -> String {
  var random = RandomGenerator(seed: 7)
  let header = "t1,t2,t3,t4,t5,t6,t7,t8,label\n"
  return (0..<count).reduce(into: header) { text, line in
    let start = random.uniform(in: 0..<10), slope: Float = line % 2 == 0 ? 1 : -1
    let values = (0..<3 + random.integer(below: 6)).map { start + slope * Float($0) + 0.2 * random.normal() }
    let empty = [String](repeating: "", count: 8 - values.count)
    text += (values.map { "\($0)" } + empty + [slope > 0 ? "up" : "down"]).joined(separator: ",") + "\n"
  }
}

/// The header of an IDX file of bytes: magic number, then each dimension as a big-endian 32-bit number.
private func idxHeader(_ dimensions: [Int]) -> [UInt8] {
  [0, 0, 8, UInt8(dimensions.count)]
    + dimensions.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
}
