import Foundation
import TestSupport
import Testing
import Training

@Suite("Safetensors files")
struct SafetensorsTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test func everyElementTypeComesBack() throws {
    var arrays: [String: SafetensorsArray] = [:]
    for (index, dtype) in SafetensorsDType.allCases.enumerated() {
      let bytes = (0..<3 * dtype.bitWidth).map { UInt8(truncatingIfNeeded: $0 + index) }
      arrays["array \(index)"] = SafetensorsArray(dtype: dtype, shape: [4, 1, 6], bytes: bytes)
    }
    arrays["scalar"] = SafetensorsArray(shape: [], floats: [3.5])
    arrays["empty"] = SafetensorsArray(shape: [3, 0, 2], floats: [])
    let controls = String(String.UnicodeScalarView((0...0x7F as ClosedRange<UInt8>).map { Unicode.Scalar($0) }))
    let metadata = ["config": "{\"a\":1}", "": "", "controls": controls, "emoji": "🙂\\\"é"]
    let file = folder.file("a.safetensors")
    try Safetensors.save(arrays: arrays, metadata: metadata, to: file)
    let loaded = try Safetensors.loadArrays(from: file)
    #expect(loaded.arrays == arrays)
    #expect(loaded.metadata == metadata)
  }

  @Test func nothingAtAllComesBack() throws {
    let file = folder.file("a.safetensors")
    try Safetensors.save(arrays: [:], to: file)
    #expect(try Data(contentsOf: file) == Data([8, 0, 0, 0, 0, 0, 0, 0]) + Data("{}      ".utf8))
    let loaded = try Safetensors.loadArrays(from: file)
    #expect(loaded.arrays.isEmpty && loaded.metadata.isEmpty)
  }

  @Test func bytesDoNotDependOnTheOrderOfDictionaries() throws {
    let names = (0..<50).map { "array\($0)" }
    func bytes(_ names: [String]) throws -> Data {
      var arrays: [String: SafetensorsArray] = [:]
      var metadata: [String: String] = [:]
      for name in names {
        arrays[name] = SafetensorsArray(shape: [1], floats: [Float(name.count)])
        metadata[name] = name
      }
      try Safetensors.save(arrays: arrays, metadata: metadata, to: folder.file("a"))
      return try Data(contentsOf: folder.file("a"))
    }
    #expect(try bytes(names) == bytes(names.reversed()))
  }

  @Test func everyArrayIsAligned() throws {
    let file = folder.file("a")
    let arrays = [
      "a": SafetensorsArray(dtype: .u8, shape: [3], bytes: [1, 2, 3]),
      "b": SafetensorsArray(shape: [1], floats: [1]),
      "c": SafetensorsArray(dtype: .f64, shape: [1], bytes: Array(repeating: 0, count: 8)),
    ]
    try Safetensors.save(arrays: arrays, metadata: ["odd": "length"], to: file)
    let header = try Safetensors.loadHeader(from: file)
    #expect(header.entries.map(\.name) == ["c", "b", "a"])
    #expect(header.entries.map(\.dataRange) == [0..<8, 8..<12, 12..<15])
    #expect(try (Data(contentsOf: file).count - header.dataSize).isMultiple(of: 8))
  }

  @Test func theHeaderAloneTellsShapesAndTexts() throws {
    let header = try Safetensors.loadHeader(from: try officialFile())
    #expect(header.metadata == ["format": "np \"é\" \t"])
    #expect(header.entries.count == 9)
    let weight = try #require(header.entries.first { $0.name == "weight_ih_l0" })
    #expect(weight.dtype == .f32)
    #expect(weight.shape == [2, 3])
    #expect(weight.dataRange == 24..<48)
    #expect(header.dataSize == 69)
  }

  @Test func theOfficialLibrarysFileIsRead() throws {
    let (arrays, metadata) = try Safetensors.loadArrays(from: try officialFile())
    #expect(metadata == ["format": "np \"é\" \t"])
    #expect(arrays.count == 9)
    #expect(try arrays["weight_ih_l0"]?.floats() == [1.5, -2, 3.25, 0, .infinity, Float(bitPattern: 0x116C2)])
    #expect(try arrays["double"]?.floats() == [0.1, -.infinity])
    #expect(try arrays["half"]?.floats() == [1, -65504, 0x1p-24])
    #expect(try arrays["brain"]?.floats() == [1, -3, Float(bitPattern: 0x7F7F_0000)])
    #expect(
      arrays["step"] == SafetensorsArray(dtype: .i64, shape: [], bytes: [0xF9] + Array(repeating: 0xFF, count: 7)))
    #expect(arrays["empty"] == SafetensorsArray(shape: [2, 0], floats: []))
    #expect(arrays["bytes"] == SafetensorsArray(dtype: .u8, shape: [2], bytes: [0, 255]))
    #expect(arrays["flags"] == SafetensorsArray(dtype: .bool, shape: [3], bytes: [1, 0, 1]))
    #expect(arrays["naïve \"quoted\"\\\n\u{01}é/"]?.bytes == [42, 0, 0, 0])
  }

  @Test func ourFileIsTheOfficialLibrarysToTheByte() throws {
    let (arrays, metadata) = try Safetensors.loadArrays(from: try officialFile())
    let file = folder.file("ours")
    try Safetensors.save(arrays: arrays, metadata: metadata, to: file)
    #expect(try Data(contentsOf: file) == Data(base64Encoded: officialFileBase64))
  }

  @Test func floatsKeepTheirBits() throws {
    let values: [Float] = [0, -0.0, 1, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.infinity, .nan]
    let array = SafetensorsArray(shape: [2, 4], floats: values)
    #expect(array.bytes[8..<12] == [0, 0, 0x80, 0x3F])
    #expect(try array.floats().map(\.bitPattern) == values.map(\.bitPattern))
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func everyHalfIsConvertedExactly() throws {
      let halves = (UInt16.min...UInt16.max).map { $0 }
      let bytes = halves.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
      let floats = try SafetensorsArray(dtype: .f16, shape: [65536], bytes: bytes).floats()
      #expect(floats.count == halves.count)
      for (half, float) in zip(halves, floats) {
        let expected = Float(Float16(bitPattern: half))
        // The quiet bit of a signalling NaN is the processor's choice.
        #expect(float.bitPattern == expected.bitPattern || float.isNaN && expected.isNaN)
      }
    }
  #endif

  @Test func integersAreNoFloats() {
    let array = SafetensorsArray(dtype: .i64, shape: [1], bytes: Array(repeating: 0, count: 8))
    #expect(throws: SafetensorsError(.notFloatingPoint(.i64))) { try array.floats() }
  }

  @Test func aFileThatIsNotThereIsTold() {
    let file = folder.file("missing")
    let error = FileError(.open, path: file.path, reason: .system(ENOENT))
    #expect(throws: error) { try Safetensors.loadArrays(from: file) }
    #expect("\(error)" == "cannot open \(file.path): No such file or directory; check the path")
  }

  @Test func foldersAndPipesAreTold() {
    #expect(throws: FileError(.open, path: folder.url.path, reason: .system(EISDIR))) {
      try Safetensors.loadArrays(from: folder.url)
    }
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe.path, 0o600) == 0)
    #expect(throws: FileError(.open, path: pipe.path, reason: .notARegularFile)) {
      try Safetensors.loadArrays(from: pipe)
    }
  }

  @Test func aFileThatDoesNotFitInMemoryIsRefusedBeforeItIsRead() throws {
    // Nothing but a hole: it takes no space on the disk.
    let file = folder.file("huge")
    let size = 1 << 43
    let header = Data("{\"a\":{\"dtype\":\"U8\",\"shape\":[\(size)],\"data_offsets\":[0,\(size)]}}".utf8)
    try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try (Data($0) + header).write(to: file) }
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: UInt64(8 + header.count + size))
    try handle.close()
    let memory = ProcessInfo.processInfo.physicalMemory
    #expect(throws: SafetensorsError(.tooLargeForMemory(bytes: size, memory: memory), file: file.path)) {
      try Safetensors.loadArrays(from: file)
    }
    #expect(try Safetensors.loadHeader(from: file).dataSize == size)
  }

  private func officialFile() throws -> URL {
    let file = folder.file("official.safetensors")
    try #require(Data(base64Encoded: officialFileBase64)).write(to: file)
    return file
  }
}
