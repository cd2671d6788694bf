import Datasets
import Testing

/// Thousands of files of series, each good once and then damaged: a reader answers or throws, and never traps.
@Suite struct SeriesMutationTests {
  private static let tsFiles = [
    "# c\n@problemName x\n@univariate true\n@equalLength true\n@seriesLength 3\n@classLabel true a b\n@data\n"
      + "1,2.5,-3e1:a\n?,5,6:b\n",
    "@univariate false\r\n@dimensions 2\r\n@classLabel true\r\n@data\r\n1,2:10,20:é\r\n3,4,5:30,NaN,50:b\r\n",
    "@timestamps true\n@targetlabel true\n@data\n(0,1),(1.5,2):(0,3),(1.5,4):0.25\n(2026-01-31 23:59:59,1):"
      + "(2026-01-31 23:59:59,?):-7\n",
    "@timestamps true\n@missing false\n@classLabel false\n@data\n(1,1),(2,2)\n\n(3,3)",
  ]

  @Test func tsFiles() {
    var generator = SeededGenerator(seed: 31)
    var (read, refused) = (0, 0)
    for round in 0..<20_000 {
      let whole = Array(Self.tsFiles[round % Self.tsFiles.count].utf8)
      let marks = Array("@:,()?\n# truefals10eE.-NaN".utf8)
      let bytes =
        switch round % 3 {
        case 0: damaged(whole, marks: marks, changes: 1...4, round, &generator)
        // Hardly any damage to the header leaves a file that can be read; so most of it comes behind.
        default: damagedData(whole, marks: round % 3 == 1 ? marks : Array("0123456789".utf8), round, &generator)
        }
      do {
        let sequences = try LabeledSequences(ts: bytes, name: "x.ts")
        #expect(isSound(sequences))
        read += 1
      } catch {
        #expect(isSound(error, name: "x.ts"))
        refused += 1
      }
    }
    // Both ways must have been walked, or the loop has tested nothing.
    #expect(read > 1500 && refused > 1500, "\(read) read, \(refused) refused")
  }

  private static let csvFiles: [(String, CSVFormat)] = [
    ("1,2.5,-3,up\n4,?,6,down\n7,,,up\n", CSVFormat()),
    ("a;label;b\r\n1;\"x;\"\"y\"\"\";2\r\n3;\"two\r\nlines\";4\r\n", CSVFormat()),
    ("x1,y1,x2,y2,price\n1,2,3,4,0.5\n5,6,,,1e3\n", CSVFormat(shape: .wide(featuresPerStep: 2), target: .numbers())),
    ("a\t1\t2\nb\t3\n", CSVFormat(target: .labels(column: "1"))),
    (
      "who,when,x,y,label\nb,1,1,2,p\na,2026-01-31 23:59:59,3,4,é\nb,2,5,6,p\na,2026-02-01,7,8,é\n",
      CSVFormat(shape: .long(id: "who", time: "when", values: ["x", "y"]))
    ),
    ("1,1,2\n1,3,4\n2,5,6\n", CSVFormat(shape: .long(id: "1"), target: .none)),
  ]

  @Test func csvFiles() {
    var generator = SeededGenerator(seed: 32)
    var (read, refused) = (0, 0)
    for round in 0..<20_000 {
      let (text, format) = Self.csvFiles[round % Self.csvFiles.count]
      let bytes = damaged(
        Array(text.utf8), marks: Array(",;\t\"\r\n?0123456789.-eabNx ".utf8), changes: 1...4, round, &generator)
      do {
        let sequences = try LabeledSequences(csv: bytes, name: "x.csv", format: format)
        #expect(isSound(sequences))
        read += 1
      } catch {
        #expect(isSound(error, name: "x.csv"))
        refused += 1
      }
    }
    #expect(read > 3000 && refused > 3000, "\(read) read, \(refused) refused")
  }

  /// Some changes, most of them by bytes that mean something; now and then inside gzip.
  private func damaged(
    _ whole: [UInt8], marks: [UInt8], changes: ClosedRange<Int>, _ round: Int, _ generator: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = whole
    for _ in 0..<Int.random(in: changes, using: &generator) where !bytes.isEmpty {
      let position = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.remove(at: position)
      case 2: bytes.insert(contentsOf: bytes[position...].prefix(20), at: position)
      case 3: bytes.removeLast(Int.random(in: 0...min(20, bytes.count), using: &generator))
      case 4, 5: bytes[position] = marks.randomElement(using: &generator) ?? 0
      default: bytes.insert(marks.randomElement(using: &generator) ?? 0, at: position)
      }
    }
    return round % 16 == 0 ? compress(bytes, gzip: true) : bytes
  }

  /// A `.ts` file with a change or two behind its header.
  private func damagedData(
    _ whole: [UInt8], marks: [UInt8], _ round: Int, _ generator: inout SeededGenerator
  ) -> [UInt8] {
    let end = (whole.lastIndex(of: UInt8(ascii: "@")) ?? 0) + 6
    let data = damaged(Array(whole[end...]), marks: marks, changes: 1...2, 1, &generator)
    return round % 16 == 0 ? compress(whole[..<end] + data, gzip: true) : whole[..<end] + data
  }

  private func isSound(_ sequences: LabeledSequences) -> Bool {
    sequences.values.count == sequences.lengths.reduce(0, +) * sequences.features
      && sequences.targets.count ?? sequences.count == sequences.count && !sequences.values.contains { $0.isInfinite }
  }

  /// One line of bearable length that begins with the file's name.
  private func isSound(_ error: any Error, name: String) -> Bool {
    guard case DatasetError.malformed(let message) = error else { return false }
    return message.hasPrefix(name + ": ") && !message.contains(where: \.isNewline) && message.count < 600
  }
}
