import CZlib

/// One zlib decompression in progress: bytes in, bytes out, neither owned.
///
/// A class, because zlib keeps the address of its `z_stream` and refuses to go on when it moves.
final class Inflater {
  /// The wrapping that the compressed data carries, and with it the checksum that zlib verifies.
  enum Wrapping: Int32 {
    /// None (RFC 1951): a member of a zip file, which has its checksum elsewhere.
    case raw = -15
    /// RFC 1950, Adler-32: the data of a PNG.
    case zlib = 15
    /// RFC 1952, CRC-32 and length: a `.gz` file.
    case gzip = 31
  }

  /// How far one call came.
  struct Progress {
    let consumed: Int
    let produced: Int
    /// The end of the stream was reached and its checksum is right.
    let isAtEnd: Bool
  }

  /// The data is not what a compressor writes; zlib's own words say where it noticed.
  struct Corruption: Error {
    let reason: String
  }

  /// Deflate cannot shrink data by more than this factor, so it bounds what a file can possibly hold.
  static let greatestRatio = 1032

  private let stream: UnsafeMutablePointer<z_stream>

  init(_ wrapping: Wrapping) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit2_(stream, wrapping.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    // Fails only when 40 KB are not to be had or zlib's header and library differ: nothing a caller can handle.
    precondition(status == Z_OK, "zlib cannot start: status \(status)")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Inflates as much of `input` as fits into `output`.
  func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Corruption) -> Progress {
    // zlib counts in 32 bits; a caller with more simply calls again.
    let offered = min(input.count, Int(UInt32.max))
    let room = min(output.count, Int(UInt32.max))
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(offered)
    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(room)
    let status = CZlib.inflate(stream, Z_NO_FLUSH)
    // Z_BUF_ERROR is zlib's "no progress possible": nothing is lost, the caller sees it in the counts.
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      throw Corruption(reason: stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)")
    }
    return Progress(
      consumed: offered - Int(stream.pointee.avail_in), produced: room - Int(stream.pointee.avail_out),
      isAtEnd: status == Z_STREAM_END)
  }

  /// Makes ready for another stream with the same wrapping.
  func reset() {
    inflateReset(stream)
  }
}
