import Foundation

/// Files of named arrays in the safetensors format, which PyTorch, MLX, JAX and others read and write.
///
/// A file is the length of a header (8 bytes, little-endian), the header as JSON, and the arrays' bytes.
/// Files are not trusted: whatever a file says is checked before it is used, and a file that breaks a rule of the
/// format is refused with the rule, the array's name, what was found and what was expected.
///
/// Three things that the official library lets pass break rules of its specification, or hide a mistake, and are refused:
/// a name that appears twice, an entry of an array that is unknown, and white space in front. Metadata that is null, which
/// MLX writes, is none.
///
/// Source: https://huggingface.co/docs/safetensors, and the official library, version 0.8.
public enum Safetensors {
  /// Writes arrays and texts to a file, as a whole or not at all (``AtomicFile``).
  ///
  /// Equal arrays and texts give equal bytes.
  ///
  /// - Parameters:
  ///   - arrays: the arrays by name; `__metadata__` is no name for an array, and traps.
  ///   - metadata: texts that travel with the arrays.
  ///   - url: the file to write.
  /// - Throws: ``FileError`` if the file cannot be written, ``SafetensorsError`` if names and texts are too long.
  public static func save(
    arrays: [String: SafetensorsArray], metadata: [String: String] = [:], to url: URL
  ) throws {
    precondition(
      arrays[SafetensorsHeader.metadataName] == nil, "\(SafetensorsHeader.metadataName) is no name for an array")
    let header = SafetensorsHeader(arrays: arrays, metadata: metadata)
    let encoded = header.encoded()
    guard encoded.count <= SafetensorsHeader.maximumByteCount else {
      throw SafetensorsError(
        .headerTooLong(bytes: UInt64(encoded.count), limit: SafetensorsHeader.maximumByteCount), file: url.path)
    }
    try AtomicFile.write(to: url) { file throws(FileError) in
      try file.write(withUnsafeBytes(of: UInt64(encoded.count).littleEndian, Array.init))
      try file.write(encoded)
      for entry in header.entries {
        try file.write(arrays[entry.name]?.bytes ?? [])
      }
    }
  }

  /// Reads all arrays and texts of a file.
  ///
  /// - Returns: the arrays by name, and the texts by key.
  /// - Throws: ``FileError`` if the file cannot be read, ``SafetensorsError`` if it breaks a rule of the format.
  public static func loadArrays(
    from url: URL
  ) throws -> (arrays: [String: SafetensorsArray], metadata: [String: String]) {
    let file = try OpenFile.reading(url)
    let (header, dataStart) = try readHeader(of: file, path: url.path)
    let memory = ProcessInfo.processInfo.physicalMemory
    guard header.dataSize <= memory else {
      // A file of nothing but holes takes no space on a disk; asking for that much memory would end the process.
      throw SafetensorsError(.tooLargeForMemory(bytes: header.dataSize, memory: memory), file: url.path)
    }
    var arrays: [String: SafetensorsArray] = [:]
    for entry in header.entries {
      let bytes = try file.read(count: entry.dataRange.count, at: dataStart + entry.dataRange.lowerBound)
      arrays[entry.name] = SafetensorsArray(dtype: entry.dtype, shape: entry.shape, bytes: bytes)
    }
    return (arrays, header.metadata)
  }

  /// Reads what a file says about itself, and not the arrays; the file's size is checked nevertheless.
  ///
  /// - Throws: as ``loadArrays(from:)``.
  public static func loadHeader(from url: URL) throws -> SafetensorsHeader {
    try readHeader(of: OpenFile.reading(url), path: url.path).header
  }

  private static func readHeader(
    of file: borrowing OpenFile, path: String
  ) throws -> (header: SafetensorsHeader, dataStart: Int) {
    let fileSize = Int(try file.status().st_size)
    guard fileSize >= 8 else {
      throw SafetensorsError(.fileTooShort(bytes: fileSize), file: path)
    }
    let length = try file.read(count: 8, at: 0).withUnsafeBytes {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard length <= SafetensorsHeader.maximumByteCount else {
      throw SafetensorsError(.headerTooLong(bytes: length, limit: SafetensorsHeader.maximumByteCount), file: path)
    }
    guard length <= fileSize - 8 else {
      throw SafetensorsError(.headerBeyondFile(bytes: length, available: fileSize - 8), file: path)
    }
    let dataStart = 8 + Int(length)
    let bytes = try file.read(count: Int(length), at: 8)
    do throws(SafetensorsError) {
      return (try SafetensorsHeader(parsing: bytes, dataSize: fileSize - dataStart), dataStart)
    } catch {
      throw SafetensorsError(error.problem, file: path, array: error.array)
    }
  }
}
