import Foundation
@testable import Training

extension Parser {
  static let safetensors = Parser(
    name: "safetensors",
    // A header, a line break and the data: a file without the header's length in front, which would be wrong whenever
    // the header changes.
    seeds: [someArrays, wholeModel].map { file in
      let end = 8 + Int(file[0]) + Int(file[1]) << 8
      return file[8..<end] + Array("\n".utf8) + file[end...]
    },
    words: [
      "__metadata__", "dtype", "shape", "data_offsets", "null", "\"F32\"", "\"BF16\"", "\"F4\"", "\"U64\"", "[]", "[0]",
      "[1,2]", "9223372036854775807", "\\ud83d\\ude00", "\\n", "unroll.format", "unroll.model", "model-1", ":{\"",
      "},\"",
    ]
  ) { bytes in
    let text = bytes.prefix { $0 != UInt8(ascii: "\n") }
    let data = bytes.dropFirst(text.count + 1)
    refusingModel {
      let header = try SafetensorsHeader(parsing: Array(text), dataSize: data.count)
      var arrays: [String: SafetensorsArray] = [:]
      for entry in header.entries {
        let content = data.dropFirst(entry.dataRange.lowerBound).prefix(entry.dataRange.count)
        let array = SafetensorsArray(dtype: entry.dtype, shape: entry.shape, bytes: Array(content))
        if let floats = try? array.floats() { promise(floats.count == array.shape.reduce(1, *)) }
        arrays[entry.name] = array
      }
      promise(arrays.count == header.entries.count && header.dataSize == data.count)
      check(try TrainedModel(arrays: arrays, metadata: header.metadata, path: "name", on: .cpu).classifier)
    }
  }
}

/// A file of this process's, for seeds that the library writes to files alone.
private let scratch = FileManager.default.temporaryDirectory
  .appending(path: "fuzz-\(ProcessInfo.processInfo.processIdentifier).safetensors")

private let someArrays = written { file in
  try Safetensors.save(
    arrays: [
      "a": SafetensorsArray(shape: [2, 1], floats: [1, -2]),
      "b": SafetensorsArray(dtype: .bf16, shape: [2], bytes: [0, 0, 128, 63]),
      "é\n": SafetensorsArray(dtype: .f64, shape: [], bytes: [UInt8](repeating: 63, count: 8)),
      "none": SafetensorsArray(dtype: .i64, shape: [0, 3], bytes: []),
    ],
    metadata: ["format": "pt", "\"\\": "\t"], to: file)
} read: { file in
  Array(try Data(contentsOf: file))
}

private let wholeModel = written { file in
  try someModel().save(to: file)
} read: { file in
  Array(try Data(contentsOf: file))
}

/// What `read` reads of a file that `write` has written.
func written<Content>(_ write: (URL) throws -> Void, read: (URL) throws -> Content) -> Content {
  defer { try? FileManager.default.removeItem(at: scratch) }
  do {
    try write(scratch)
    return try read(scratch)
  } catch {
    fatalError("\(scratch.path): \(error)")
  }
}
