import CKernels
import Dispatch
import Synchronization

// What a machine can do at best, measured: what kernels and threads are held against.

extension Device {
  /// The multiply-adds per second of all threads together that never leave the registers, times two: the peak in
  /// floating point operations per second.
  package func measurePeak(_ precision: Precision = .fp32) -> Double {
    let products = products(precision), rounds = 2_000_000
    let operations = 2 * Double(rounds) * Double(products.multiply_adds_per_round) * Double(threads)
    let start = DispatchTime.now().uptimeNanoseconds
    forRanges(of: threads) { range in
      for _ in range { _ = products.multiply_add_in_registers(Int64(rounds)) }
    }
    return operations / (Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
  }

  /// Seconds in which a number that one thread writes is seen by another and answered; `nil` where there is no other
  /// thread, or none that runs at the same time.
  ///
  /// Cores that share a cache need some 45 ns, cores that do not some 350 ns, and everything that threads hand to each
  /// other takes as much longer. On a virtual machine the cores may change places while a program runs.
  package func measureHandover() -> Double? {
    guard threads > 1 else { return nil }
    let ball = Ball(), limit: UInt64 = 5_000_000
    let start = DispatchTime.now().uptimeNanoseconds
    var trips = 0
    forParts(work: 2, grain: 1) { part in
      if part.index == 1 { return ball.answer() }
      // A second player may never come: the clock ends it.
      while ball.serve() {
        while !ball.hasReturned {
          if DispatchTime.now().uptimeNanoseconds - start > limit { ball.end() }
        }
        trips += 1
      }
    }
    return trips > 100 ? Double(limit) / 1e9 / Double(trips) : nil
  }
}

/// What two threads throw to each other.
private final class Ball: Sendable {
  private enum Place {
    static let home = 0
    static let away = 1
    static let gone = 2
  }
  private let place = Atomic(Place.home)

  /// Throws it, unless it is gone.
  func serve() -> Bool {
    place.compareExchange(expected: Place.home, desired: Place.away, ordering: .acquiringAndReleasing).exchanged
  }

  /// Whether it is back, or gone.
  var hasReturned: Bool { place.load(ordering: .acquiring) != Place.away }

  func end() { place.store(Place.gone, ordering: .releasing) }

  /// Throws it back until it is gone.
  func answer() {
    while place.load(ordering: .acquiring) != Place.gone {
      _ = place.compareExchange(expected: Place.away, desired: Place.home, ordering: .acquiringAndReleasing)
    }
  }
}
