import Foundation
import Interchange
import Recurrent
import TestSupport
import Testing

/// What docs/export.md shows.
@Suite("The page on exports", .enabled(if: !CCompiler.all.isEmpty, "needs a C compiler: cc, gcc or clang in the path"))
struct ExportPageTests {
  /// The program compiles, and says of an image what a `Reader` says of it.
  @Test func theProgramReadsAnImage() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/export.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let program = try #require(text.firstMatch(of: /```c\n((?s:.*?))```/)).1
    try #require(program.contains("int main(void)"))

    let names = (0..<10).map { "class \($0)" }
    var model = smallModel(smallNetwork(inputs: 28, hidden: 16, classes: 10), names: names)
    model.featureScaling.mean = [Float](repeating: 0, count: 28)
    model.featureScaling.scale = [Float](repeating: 1 / 255, count: 28)
    let rows = rawSteps(28, of: model).map { $0.map { $0.rounded(.down) } }
    let expected = model.read(rows).enumerated().map { index, probabilities in
      let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
      return (text: "\(index + 1) rows: \(names[best])", percent: 100 * Double(probabilities[best]))
    }
    for compiler in CCompiler.all {
      let folder = try TemporaryFolder()
      try CNetwork(model, name: "digits").write(to: folder.url.appending(path: "digits.c"))
      try Data(program.utf8).write(to: folder.url.appending(path: "main.c"))
      try compiler.compile(["-o", "digits", "main.c", "digits.c", "-lm"], in: folder.url)
      let input = Data(rows.joined().map { UInt8($0) })
      let (status, output) = try run(folder.url.appending(path: "digits").path, [], input: input, in: folder.url)
      let lines = String(decoding: output, as: UTF8.self).matches(of: /([0-9]+ rows: .+) \(([0-9.]+) %\)\n/)
      try #require(status == 0 && lines.count == 28)
      for (line, expected) in zip(lines, expected) {
        #expect(String(line.1) == expected.text)
        #expect(abs((Double(line.2) ?? .nan) - expected.percent) < 0.06)
      }
    }
  }
}
