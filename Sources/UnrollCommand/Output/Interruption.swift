import Foundation
import Synchronization

/// The wish to stop, by Ctrl-C (SIGINT) or `kill` (SIGTERM).
///
/// The first signal is only noted: long tasks look at ``isRequested`` between two pieces of work, and end in good order.
/// The second ends the process at once, with the status by which shells tell a signal (130 for Ctrl-C).
enum Interruption {
  /// How many signals have come. Signals belong to the whole process, so this does too;
  /// an atomic is all that a signal handler may touch.
  private static let count = Atomic<Int>(0)

  /// Whether the first signal has come.
  static var isRequested: Bool {
    count.load(ordering: .relaxed) > 0
  }

  /// Begins to note signals. To be called once, at the program's start.
  static func beginNoting() {
    // Creates the atomic now: the first access to it might not be safe within a signal handler.
    count.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 {
          _exit(128 + number)
        }
      }
    }
  }
}
