import CKernels
import Dispatch
import Synchronization

/// A part of a training step, for those who want to know where the time goes.
package enum Phase: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
  /// From bytes to a batch.
  case data
  /// The sequence op's way forward.
  case forward
  /// Its way back through time.
  case backward
  /// The sums over all steps that are the gradient of its weights.
  case weightGradients = "weight gradients"
  /// The update of the parameters.
  case optimizer
}

/// How long each phase has taken on a device, in all. A measurement costs two looks at the clock, some ten a step.
package final class PhaseTimes: Sendable {
  private let nanoseconds = Mutex<[Phase: UInt64]>([:])

  /// Calls `body` and adds the time that it takes to `phase`.
  package func measure<Result>(_ phase: Phase, _ body: () throws -> Result) rethrows -> Result {
    let start = DispatchTime.now().uptimeNanoseconds
    defer {
      let elapsed = DispatchTime.now().uptimeNanoseconds - start
      nanoseconds.withLock { $0[phase, default: 0] += elapsed }
    }
    return try body()
  }

  /// Seconds by phase since the last call.
  package func takeSeconds() -> [Phase: Double] {
    nanoseconds.withLock { times in
      defer { times = [:] }
      return times.mapValues { Double($0) / 1e9 }
    }
  }
}

extension Device {
  /// The multiply-adds per second of all threads together that never leave the registers, times two: the peak in
  /// floating point operations per second, against which kernels are held.
  package func measurePeak(_ precision: Precision = .fp32) -> Double {
    let products = products(precision), rounds = 2_000_000
    let operations = 2 * Double(rounds) * Double(products.multiply_adds_per_round) * Double(threads)
    let start = DispatchTime.now().uptimeNanoseconds
    forRanges(of: threads) { range in
      for _ in range { _ = products.multiply_add_in_registers(Int64(rounds)) }
    }
    return operations / (Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
  }
}
