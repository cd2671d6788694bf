import Dispatch
import Synchronization

/// A part of a training step, for those who want to know where the time goes.
package enum Phase: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
  /// From bytes to a batch.
  case data
  /// Linear layers and their gradients, and folding one into a recurrent layer.
  case linearLayers = "linear layers"
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
