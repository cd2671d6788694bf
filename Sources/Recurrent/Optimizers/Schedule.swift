import Foundation

/// The learning rate of each update, counted from 0.
public typealias Schedule = @Sendable (_ step: Int) -> Float

/// The same learning rate at every step.
public func constantSchedule(_ learningRate: Float) -> Schedule { { _ in learningRate } }

/// Half a cosine from `learningRate` at the first step down to 0 after the last (Loshchilov & Hutter 2017).
public func cosineSchedule(_ learningRate: Float, steps: Int) -> Schedule {
  { step in learningRate * cosineDecay(Float(step) / Float(max(1, steps))) }
}

/// One cycle (Smith & Topin 2018): a straight rise from `learningRate / 25` to `learningRate` during the share `warmUp`
/// of the steps, then half a cosine down to almost nothing.
public func oneCycleSchedule(_ learningRate: Float, steps: Int, warmUp: Float = 0.2) -> Schedule {
  let start = learningRate / 25, rise = max(1, Float(steps) * warmUp)
  return { step in
    let position = Float(step)
    if position < rise { return start + (learningRate - start) * position / rise }
    return learningRate * cosineDecay((position - rise) / max(1, Float(steps) - rise))
  }
}

/// From 1 at 0 to 0 at 1.
private func cosineDecay(_ progress: Float) -> Float { 0.5 * (1 + cos(Float.pi * min(max(progress, 0), 1))) }
