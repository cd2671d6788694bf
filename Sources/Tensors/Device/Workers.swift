import Dispatch
import Foundation
import Synchronization

/// Threads that wait for work: one fork and one join per call.
///
/// Written here and not left to `DispatchQueue.concurrentPerform` because a training step forks some ten times within a
/// few milliseconds: a worker that has just finished spins briefly for its next piece before it goes to sleep.
final class Workers: Sendable {
  private let workers: [Worker]
  private let join = Join()
  /// Held by the caller that is using the workers. A second caller meanwhile does its work alone.
  private let busy = Mutex(())

  init(count: Int) {
    workers = (0..<count).map { _ in Worker() }
  }

  deinit {
    for worker in workers { worker.stop() }
  }

  /// Calls `body(0)` on this thread and `body(1)`, …, `body(parts - 1)` on workers, `parts` being at most their number
  /// plus one.
  func run(_ parts: Int, _ body: (Int) -> Void) {
    let done: Void? = busy.withLockIfAvailable { _ in
      withoutActuallyEscaping(body) { body in
        // A pointer and not the closure itself, so that no worker holds on to the closure after it has arrived.
        withUnsafePointer(to: body) { body in
          join.expect(parts - 1)
          for part in 1..<parts { workers[part - 1].start(Job(body: body, part: part, join: join)) }
          body.pointee(0)
          join.wait()
        }
      }
    }
    if done == nil {
      for part in 0..<parts { body(part) }
    }
  }
}

/// One part of the work. Sendable because the caller keeps `body` alive until all parts have arrived.
private struct Job: @unchecked Sendable {
  let body: UnsafePointer<(Int) -> Void>
  let part: Int
  let join: Join

  func run() {
    perform()
    join.arrive()
  }

  // Not inlined, so that the closure is let go before the arrival.
  @inline(never)
  private func perform() { body.pointee(part) }
}

/// One thread and its next job.
private final class Worker: Sendable {
  private let job = Mutex<Job?>(nil)
  private let posted = Gate()

  init() {
    let thread = Thread { [self] in
      while true {
        posted.wait()
        guard let job = job.withLock({ $0.take() }) else { return }
        job.run()
      }
    }
    thread.name = "unroll.worker"
    thread.start()
  }

  func start(_ work: Job) {
    job.withLock { $0 = work }
    posted.open()
  }

  /// Ends the thread: it finds no job.
  func stop() { posted.open() }
}

/// Waits until a known number of workers has arrived.
private final class Join: Sendable {
  private let unfinished = Atomic(0)
  private let complete = Gate()

  func expect(_ count: Int) { unfinished.store(count, ordering: .releasing) }

  func arrive() {
    if unfinished.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { complete.open() }
  }

  func wait() { complete.wait() }
}

/// A gate that one thread opens and one other thread passes, closing it behind itself: spins for part of a millisecond,
/// then sleeps, because cores may be shared with others.
private final class Gate: Sendable {
  private enum State {
    static let closed = 0
    static let open = 1
    static let asleep = 2
  }
  private static let spins = 500_000

  private let state = Atomic(State.closed)
  private let wake = DispatchSemaphore(value: 0)

  func open() {
    if state.exchange(State.open, ordering: .acquiringAndReleasing) == State.asleep { wake.signal() }
  }

  func wait() {
    var spins = Self.spins
    while spins > 0 && state.load(ordering: .acquiring) != State.open { spins -= 1 }
    if spins == 0,
      state.compareExchange(expected: State.closed, desired: State.asleep, ordering: .acquiringAndReleasing).exchanged
    {
      wake.wait()
    }
    state.store(State.closed, ordering: .releasing)
  }
}
