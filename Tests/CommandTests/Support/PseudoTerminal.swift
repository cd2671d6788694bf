import Foundation

/// A terminal that a test reads instead of a person.
final class PseudoTerminal {
  /// The end for a process.
  let slave: FileHandle
  private let master: Int32

  init() throws {
    var (master, slave): (Int32, Int32) = (-1, -1)
    guard openpty(&master, &slave, nil, nil, nil) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    self.master = master
    self.slave = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
  }

  deinit {
    close(master)
  }

  /// All that was written to the terminal; to be called when the process has ended.
  func text() -> String {
    try? slave.close()
    var all: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(master, &buffer, buffer.count)
      // The end of a terminal without writers is an error.
      guard count > 0 else { return String(decoding: all, as: UTF8.self) }
      all += buffer[..<count]
    }
  }
}
