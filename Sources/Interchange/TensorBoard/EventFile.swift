import Foundation
import Training

/// A file of events that TensorBoard shows: `events.out.tfevents.<seconds since 1970>.<host>`.
///
/// It is a TFRecord file whose records are messages `Event` (tensorflow/core/util/event.proto), and holds scalars
/// (`simple_value`) and histograms (`histo`). What is written is with the system at once, so that TensorBoard shows it
/// while the program runs.
public final class EventFile: Sendable {
  /// Where it is.
  public let url: URL
  private let file: OpenFile

  /// Creates a file in a folder, beside those of earlier processes.
  ///
  /// - Parameters:
  ///   - folder: The folder, which is there.
  ///   - date: The moment that the name tells.
  ///   - host: This machine's name; `nil`: as the system has it.
  /// - Throws: `FileError` if it cannot be created or written.
  public init(in folder: URL, at date: Date = Date(), host: String? = nil) throws(FileError) {
    let name = "events.out.tfevents.\(Int(date.timeIntervalSince1970)).\(host ?? hostName())"
    var number = 0
    while true {
      // TensorBoard knows such a file by what is in front, and reads them in the order of their names.
      let url = folder.appendingPathComponent(number == 0 ? name : "\(name).\(number)")
      do throws(FileError) {
        file = try OpenFile(
          url.path, flags: O_WRONLY | O_CREAT | O_EXCL | O_APPEND, for: .create, shownAs: url.relativePath)
        self.url = url
        break
      } catch  where error.reason == .system(EEXIST) {
        number += 1
      }
    }
    var version = Self.event(at: date)
    version.append(3, "brain.Event:2")
    try append(version)
  }

  /// Appends scalars by their tags, as one event.
  ///
  /// - Parameters:
  ///   - scalars: What was measured. A tag's part before a slash is the group that it is shown in.
  ///   - step: Where it is on the horizontal axis.
  ///   - date: The moment of the event.
  /// - Throws: `FileError` with `.write`.
  public func append(_ scalars: KeyValuePairs<String, Double>, step: Int, at date: Date = Date()) throws(FileError) {
    try append(
      step, date,
      scalars.map { tag, value in
        var message = ProtobufMessage()
        message.append(1, tag)
        message.append(2, Float(value))
        return message
      })
  }

  /// Appends histograms by their tags, as one event.
  ///
  /// - Parameters:
  ///   - histograms: What was counted.
  ///   - step: Where it is on the axis of time.
  ///   - date: The moment of the event.
  /// - Throws: `FileError` with `.write`.
  public func append(
    _ histograms: [(tag: String, histogram: Histogram)], step: Int, at date: Date = Date()
  ) throws(FileError) {
    try append(
      step, date,
      histograms.map { tag, histogram in
        var message = ProtobufMessage()
        message.append(1, tag)
        message.append(5, histogram.message)
        return message
      })
  }

  /// An event whose summary has these values.
  private func append(_ step: Int, _ date: Date, _ values: [ProtobufMessage]) throws(FileError) {
    var summary = ProtobufMessage()
    for value in values { summary.append(1, value) }
    var event = Self.event(at: date)
    event.append(2, step)
    event.append(5, summary)
    try append(event)
  }

  private static func event(at date: Date) -> ProtobufMessage {
    var event = ProtobufMessage()
    event.append(1, date.timeIntervalSince1970)
    return event
  }

  private func append(_ event: ProtobufMessage) throws(FileError) { try file.write(tfRecord(event.bytes)) }
}

extension Histogram {
  /// As `HistogramProto` (tensorflow/core/framework/histogram.proto).
  fileprivate var message: ProtobufMessage {
    var message = ProtobufMessage()
    for (field, value) in zip((1 as UInt64)..., [least, greatest, Double(count), sum, sumOfSquares]) {
      message.append(field, value)
    }
    message.append(6, packed: limits)
    message.append(7, packed: counts.map(Double.init))
    return message
  }
}

/// Data as a record of a TFRecord file: its length, a check of that, itself, and a check of itself.
func tfRecord(_ data: [UInt8]) -> [UInt8] {
  func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
  let length = bytes(UInt64(data.count))
  return length + bytes(maskedCRC32C(length)) + data + bytes(maskedCRC32C(data))
}

/// This machine's name as the system has it, without a look at the network; "localhost" where it has none.
private func hostName() -> String {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
  let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  return text.isEmpty ? "localhost" : text.replacing("/", with: "-")
}
