import ArgumentParser
import Foundation
import Synchronization

/// The wish to stop: Ctrl-C (SIGINT), `kill` (SIGTERM), or the end of the terminal (SIGHUP).
///
/// The first signal is only noted: long tasks ask ``check()`` between two pieces of work, and end in good order.
/// A second Ctrl-C or `kill` ends the process at once. The exit status is the one by which shells tell a signal:
/// 130 for Ctrl-C.
enum Interruption {
  /// The signal that came first, or 0. Signals belong to the whole process, so this does too;
  /// an atomic is all that a signal handler may touch.
  private static let first = Atomic<Int32>(0)

  /// Whether a signal has come.
  private static var isRequested: Bool { first.load(ordering: .relaxed) != 0 }

  /// What ``check()`` throws.
  struct Request: Error {}

  /// To be called between two pieces of work.
  ///
  /// - Throws: ``Request`` if a signal has come.
  static func check() throws(Request) {
    if isRequested { throw Request() }
  }

  /// How a program ends that a signal has stopped in good order.
  static var exitCode: ExitCode { ExitCode(128 + first.load(ordering: .relaxed)) }

  /// Lets signals through. To be called at the program's start: whoever started it, from a thread that blocks signals as
  /// those of Dispatch do, has passed that on, and Ctrl-C would not arrive.
  static func unblockSignals() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    sigprocmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Begins to note signals; until then they end the process. To be called once, before there is something to lose.
  static func beginNoting() {
    // Creates the atomic now: the first access to it might not be safe within a signal handler.
    first.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        if !Interruption.note(number) { _exit(128 + number) }
      }
    }
    // A terminal that ends may say so twice, and `nohup` asks not to listen.
    let before = signal(SIGHUP) { number in _ = Interruption.note(number) }
    if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(SIGHUP, SIG_IGN) }
  }

  /// Whether this is the first signal.
  private static func note(_ number: Int32) -> Bool {
    first.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged
  }
}
