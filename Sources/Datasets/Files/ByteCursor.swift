/// A position in bytes that never passes their end: what is not there is `nil`, whatever the bytes claim.
struct ByteCursor {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: some RandomAccessCollection<UInt8>) {
    rest = Array(bytes)[...]
  }

  /// The next byte, which stays next.
  var peek: UInt8? {
    rest.first
  }

  /// Takes the next byte.
  mutating func byte() -> UInt8? {
    rest.popFirst()
  }

  /// Takes exactly `count` bytes.
  mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// Takes a big-endian 32-bit number.
  mutating func number() -> Int? {
    bytes(4)?.reduce(0) { $0 << 8 | Int($1) }
  }

  /// Takes a little-endian number of `count` bytes, at most 8. `nil` also where it is beyond `Int`, which nothing
  /// counts.
  mutating func littleEndian(_ count: Int) -> Int? {
    bytes(count).flatMap { Int(exactly: $0.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) }
  }
}
