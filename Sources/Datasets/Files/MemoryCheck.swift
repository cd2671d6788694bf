import Foundation

/// Refuses what this machine has no memory for, before it is asked for: that would end the process.
///
/// - Parameters:
///   - count: How many numbers there will be.
///   - size: Bytes of one of them.
///   - name: Where they are, for the message.
/// - Throws: `DatasetError.malformed` where they are more bytes than the machine has.
func checkMemory(for count: Int, of size: Int, from name: String) throws(DatasetError) {
  let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
  guard count <= memory / size else {
    let wanted = Double(count) * Double(size) / 0x1p30
    throw .malformed(
      "\(name): takes \(Int(wanted.rounded(.up))) GiB of memory, and this machine has \(memory >> 30); "
        + "divide it into smaller parts"
    )
  }
}
