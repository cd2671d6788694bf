import Foundation
import Synchronization

/// Memory that tensors give back and take again, so that a training step takes nothing from the system: first touch of
/// fresh pages costs as much as computing on them.
///
/// Free buffers wait in lists by size class (four classes to each power of two), at most `idleLimit` bytes in all.
final class BufferPool: Sendable {
  private struct State {
    /// Addresses of free buffers by size class in bytes.
    var free: [Int: [UInt]] = [:]
    var idleBytes = 0
    var systemAllocations = 0
    var systemBytes = 0
    var copiesOnWrite = 0
  }
  private let state = Mutex(State())
  private let idleLimit = 1 << 30

  /// The start of every buffer is a multiple of this: two cache lines.
  private static let alignment = 128

  var systemAllocations: Int { state.withLock { $0.systemAllocations } }
  var systemBytes: Int { state.withLock { $0.systemBytes } }
  var copiesOnWrite: Int { state.withLock { $0.copiesOnWrite } }
  func countCopyOnWrite() { state.withLock { $0.copiesOnWrite += 1 } }

  deinit {
    let free = state.withLock { $0.free }
    for buffers in free.values {
      for address in buffers { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    }
  }

  /// Uninitialized memory of at least `byteCount` bytes.
  func take(byteCount: Int) -> UnsafeMutableRawPointer {
    let size = Self.sizeClass(of: byteCount)
    let recycled: UInt? = state.withLock { state in
      guard let address = state.free[size]?.popLast() else {
        state.systemAllocations += 1
        state.systemBytes += size
        return nil
      }
      state.idleBytes -= size
      return address
    }
    return recycled.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
      ?? .allocate(byteCount: size, alignment: Self.alignment)
  }

  /// Takes back what `take(byteCount:)` gave.
  func give(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
    let size = Self.sizeClass(of: byteCount)
    let address = UInt(bitPattern: pointer)
    let isKept = state.withLock { state in
      guard state.idleBytes + size <= idleLimit else { return false }
      state.idleBytes += size
      state.free[size, default: []].append(address)
      return true
    }
    if !isKept { pointer.deallocate() }
  }

  /// The smallest of 1, 1¼, 1½, 1¾ × a power of two that holds `byteCount`, from 256 on.
  static func sizeClass(of byteCount: Int) -> Int {
    guard byteCount > 256 else { return 256 }
    let quarter = 1 << (Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount - 2)
    return (byteCount + quarter - 1) / quarter * quarter
  }
}
