/// Numbers from a file that NumPy's `save` has written (`.npy`), in single precision.
///
/// Of the format's versions 1.0, 2.0 and 3.0, with integers of 1 to 8 bytes, floating-point numbers of 2, 4 and 8, and
/// booleans, in either order of bytes and of dimensions. Python objects, which only running code could make, are
/// refused.
public struct NumPyArray: Equatable, Sendable {
  /// The size of each dimension, none of them 0; none at all for a single number.
  public let shape: [Int]
  /// The numbers, row-major (the last dimension is the fastest). What single precision cannot hold is rounded to it, or
  /// infinite.
  public let values: [Float]

  /// Reads a file, plain or gzip. Beside the result, 64 KB of it are in memory.
  ///
  /// - Parameter path: The file; gzip is recognised by content.
  /// - Throws: `DatasetError.missing` where the file cannot be read; `DatasetError.malformed` where it is not such a
  ///   file, is damaged, does not hold exactly the announced elements, or where they are something other than numbers.
  public init(contentsOf path: String) throws(DatasetError) {
    try self.init(StoredArray(numPy: FileBytes(path: path)))
  }

  /// Reads the content of a file; otherwise as `init(contentsOf:)`.
  package init(bytes: [UInt8], name: String) throws(DatasetError) {
    try self.init(StoredArray(numPy: FileBytes(bytes: bytes, name: name)))
  }

  init(_ stored: StoredArray) throws(DatasetError) {
    shape = stored.shape
    values = try stored.numbers()
  }
}
