/// Bytes that are read once, from front to back.
protocol ByteStream: AnyObject {
  /// What they are called in messages: the path of a file, or an archive and its member.
  var name: String { get }
  /// More bytes than this cannot come, whatever a header among them says.
  var greatestCount: Int { get }

  /// Fills `output` from the front and returns how many bytes it got: fewer than its size only at the end.
  ///
  /// - Throws: `DatasetError.malformed` where the bytes are damaged or cut off on their way; `DatasetError.missing`
  ///   where the system cannot read them.
  func read(into output: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int
}

extension ByteStream {
  /// The next `count` bytes: fewer only at the end.
  func bytes(atMost count: Int) throws(DatasetError) -> [UInt8] {
    try array(count: count) { buffer throws(DatasetError) in
      try read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// Exactly `count` bytes of a header.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - format: what the header is called in the message: "IDX".
  /// - Returns: the bytes.
  /// - Throws: `DatasetError.malformed` where there are fewer; otherwise as `read(into:)`.
  func header(_ count: Int, format: String) throws(DatasetError) -> [UInt8] {
    let bytes = try bytes(atMost: count)
    guard bytes.count == count else {
      throw .malformed("\(name): ends inside the \(format) header; fetch or copy the file again")
    }
    return bytes
  }

  /// The product of the dimensions that a header announces, refused where it overflows or cannot be there.
  ///
  /// - Parameters:
  ///   - shape: the size of each dimension; of none, there is one element.
  ///   - elementSize: bytes of an element, at least 1.
  /// - Returns: the product.
  /// - Throws: `DatasetError.malformed` where it is 0, or more than the stream can hold.
  func checkedCount(of shape: [Int], elementSize: Int) throws(DatasetError) -> Int {
    guard !shape.contains(0) else {
      throw .malformed("\(name): is empty: its dimensions are \(spelled(shape)); each must be at least 1")
    }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= greatestCount / elementSize else {
        throw .malformed(
          "\(name): announces \(spelled(shape)) elements, more than a file of its size can hold; fetch or copy it again"
        )
      }
      count = product
    }
    return count
  }

  /// Checks that nothing comes any more. It is also what makes a stream look at the checksum behind its bytes.
  ///
  /// - Parameter content: what came, for the message: "24 bytes".
  /// - Throws: `DatasetError.malformed` where something does; otherwise as `read(into:)`.
  func finish(after content: String) throws(DatasetError) {
    guard try bytes(atMost: 1).isEmpty else {
      throw .malformed("\(name): goes on after the \(content) that its header announces; it must hold one array alone")
    }
  }
}

/// An array that `fill` fills from the front, returning how many elements it has written.
///
/// The initializer of `Array` that does it cannot throw a typed error, so the error leaves through `failure`.
func array<Element>(
  count: Int, _ fill: (UnsafeMutableBufferPointer<Element>) throws(DatasetError) -> Int
) throws(DatasetError) -> [Element] {
  var failure: DatasetError?
  let elements = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
    do throws(DatasetError) {
      // The capacity may be more than was asked for.
      initialized = try fill(UnsafeMutableBufferPointer(rebasing: buffer.prefix(count)))
    } catch {
      failure = error
    }
  }
  if let failure {
    throw failure
  }
  return elements
}

/// The size of each dimension: "3 × 4".
func spelled(_ shape: [Int]) -> String {
  shape.map(String.init).joined(separator: " × ")
}
