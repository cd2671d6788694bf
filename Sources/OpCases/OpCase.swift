import Tensors

/// An op at certain shapes, and what it has to give: the results of the op and of its pullback are held against a
/// reference in double precision, and have the same bits on all devices that differ in threads alone.
///
/// The list `OpCase.all` is run by `swift test`, and by `opcheck` on any machine that it is carried to.
public struct OpCase: Sendable, CustomStringConvertible {
  /// The op and its shapes, for example "matmul [3, 5]·[5, 7]".
  public let name: String
  private let isSupported: @Sendable (Device) -> Bool
  private let results: @Sendable (Device) -> [OpResult]
  private let expectations: @Sendable () -> [Expectation]

  /// A case from what computes its results, and what computes as many expectations of them, in the same order.
  ///
  /// `isSupported` tells devices that can run it, by default all.
  package init(
    _ name: String, isSupported: @escaping @Sendable (Device) -> Bool = { _ in true },
    results: @escaping @Sendable (Device) -> [OpResult], expectations: @escaping @Sendable () -> [Expectation]
  ) {
    self.name = name
    self.isSupported = isSupported
    self.results = results
    self.expectations = expectations
  }

  /// The case's name.
  public var description: String { name }

  /// Runs the case on each device that supports it. The references, which take the most time, are computed once.
  public func check(on devices: [Device]) -> OpReport {
    let devices = devices.filter(isSupported)
    var report = OpReport()
    if devices.isEmpty { return report }
    let expectations = expectations()
    var first: [InstructionSet: [OpResult]] = [:]
    for device in devices {
      device.spoilPool()
      let results = results(device)
      report.compare(results, with: expectations, on: device)
      if let others = first[device.instructionSet] {
        report.compareBits(results, with: others, on: device)
      } else {
        first[device.instructionSet] = results
      }
    }
    return report
  }
}

/// One of the tensors that an op or its pullback gives, in row-major order.
package struct OpResult: Sendable {
  /// For example "value" or "gradient of bias".
  package let name: String
  package let floats: [Float]

  package init(_ name: String, _ floats: [Float]) {
    self.name = name
    self.floats = floats
  }

  var bits: [UInt32] { floats.map(\.bitPattern) }
}

/// What one result has to be.
package struct Expectation: Sendable {
  /// The largest relative L2 error that passes.
  package let tolerance: Double
  /// The relative L2 error of a result.
  package let error: @Sendable ([Float]) -> Double

  package init(tolerance: Double, error: @escaping @Sendable ([Float]) -> Double) {
    self.tolerance = tolerance
    self.error = error
  }

  /// A result that is known element by element.
  package init(_ expected: [Double], tolerance: Double) {
    self.init(tolerance: tolerance) { relativeError(of: $0.map(Double.init), to: expected) }
  }
}

/// What a case came to on some devices.
public struct OpReport: Sendable {
  /// The error closest to its tolerance, or furthest beyond it.
  public private(set) var worst = (error: 0.0, tolerance: Double.infinity)
  /// A line for everything that is wrong; empty if the case passes.
  public private(set) var failures: [String] = []

  mutating func compare(_ results: [OpResult], with expectations: [Expectation], on device: Device) {
    if results.count != expectations.count {
      failures.append("\(device): \(results.count) results for \(expectations.count) expectations")
    }
    for (result, expectation) in zip(results, expectations) {
      let error = expectation.error(result.floats), tolerance = expectation.tolerance
      // Not 0 / 0, of a constant that has no gradient.
      if error != 0 && !(error / tolerance <= worst.error / worst.tolerance) { worst = (error, tolerance) }
      // Not `error > tolerance`, which NaN would pass.
      if !(error <= tolerance) { failures.append("\(device): \(result.name) is off by \(error), not \(tolerance)") }
    }
  }

  mutating func compareBits(_ results: [OpResult], with others: [OpResult], on device: Device) {
    for (result, other) in zip(results, others) where result.bits != other.bits {
      failures.append("\(device): \(result.name) has other bits than on another number of threads")
    }
  }
}

extension Device {
  /// The devices that a case has to pass on: by default every instruction set of this processor with 1, 2 and 3 threads.
  public static func forChecking(
    instructionSets: [InstructionSet] = InstructionSet.supported, threads: [Int] = [1, 2, 3],
    sequenceMemoryBudget: Int = 64 << 20
  ) -> [Device] {
    instructionSets.flatMap { instructionSet in
      threads.map {
        Device(threads: $0, instructionSet: instructionSet, sequenceMemoryBudget: sequenceMemoryBudget)
      }
    }
  }

  /// Fills the pool with buffers of NaN, so that an op that reads what it has not written is found out: memory fresh
  /// from the system is zero and hides it.
  fileprivate func spoilPool() {
    let sizes = (6...15).flatMap { exponent in [4, 5, 6, 7].map { $0 << (exponent - 2) } }
    let spoiled = sizes.flatMap { size in
      (0..<6).map { _ in Tensor(repeating: .nan, shape: [size], on: self) }
    }
    withExtendedLifetime(spoiled) {}
  }
}
