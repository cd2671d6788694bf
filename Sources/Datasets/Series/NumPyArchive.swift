/// The arrays of a file that NumPy's `savez` or `savez_compressed` has written (`.npz`): a zip file of `.npy` files.
///
/// Nothing but its directory is read until an array is asked for.
public struct NumPyArchive: Sendable {
  /// The names of the arrays, in the file's order.
  public let names: [String]
  /// The file's path, for messages.
  let name: String
  private let archive: ZipArchive

  /// Reads the directory of a file.
  ///
  /// - Parameter path: The file; it stays open as long as this value, or a copy of it, is there.
  /// - Throws: `DatasetError.missing` where the file cannot be read; `DatasetError.malformed` where it is no zip file,
  ///   damaged, or holds no arrays.
  public init(contentsOf path: String) throws(DatasetError) {
    try self.init(ByteStore(path: path))
  }

  /// Reads the content of a file; otherwise as `init(contentsOf:)`.
  package init(bytes: [UInt8], name: String) throws(DatasetError) {
    try self.init(ByteStore(bytes: bytes, name: name))
  }

  private init(_ store: ByteStore) throws(DatasetError) {
    let first = try store.bytes(at: 0, count: min(store.count, IDXHeader.magicSize))
    guard first.count < IDXHeader.magicSize || !NumPyHeader.recognizes(first) else {
      throw .malformed(
        "\(store.name): is one NumPy array (.npy) where an archive of several (.npz) was expected; "
          + "give it with its targets' file"
      )
    }
    archive = try ZipArchive(store)
    name = store.name
    names = archive.entries.map(\.name).filter { $0.hasSuffix(Self.suffix) }.map {
      String($0.dropLast(Self.suffix.count))
    }
    guard !names.isEmpty else {
      throw .malformed("\(name): holds no NumPy arrays, that is no members called NAME\(Self.suffix)")
    }
  }

  /// Reads an array.
  ///
  /// - Parameter name: One of `names`.
  /// - Returns: The array, in single precision.
  /// - Throws: `DatasetError.malformed` where there is no such array, and otherwise as `NumPyArray(contentsOf:)`.
  public func array(named name: String) throws(DatasetError) -> NumPyArray {
    try NumPyArray(stored(name))
  }

  /// Reads the header of an array; otherwise as `array(named:)`.
  func stored(_ array: String) throws(DatasetError) -> StoredArray {
    guard let entry = archive.entries.first(where: { $0.name == array + Self.suffix }) else {
      throw .malformed("\(name): holds no array \(array), but \(listedNames)")
    }
    return try StoredArray(numPy: archive.open(entry))
  }

  /// The names for messages: at most eight of them.
  var listedNames: String {
    names.prefix(8).map(printable).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }

  private static let suffix = ".npy"
}
