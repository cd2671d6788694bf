import ArgumentParser
import Unroll

/// Numbers of steps as one types them: "7,10,14", "7-28", or both.
struct StepList: ExpressibleByArgument {
  private let ranges: [ClosedRange<Int>]

  init?(argument: String) {
    guard let ranges = parts(of: argument, { ClosedRange(stepsIn: $0[...]) }) else { return nil }
    self.ranges = ranges
  }

  /// At least one, each of a sequence of `steps` steps.
  static func limits(upTo steps: Int) -> Limits<[Int]> {
    Limits(words: "a list of whole numbers, each from 1 to \(steps)") {
      !$0.isEmpty && $0.allSatisfy((1...steps).contains)
    }
  }

  /// The numbers, ascending.
  ///
  /// - Throws: `UsageError` if one is beyond the steps of a sequence.
  func numbers(upTo steps: Int) throws(UsageError) -> [Int] {
    if let range = ranges.first(where: { $0.upperBound > steps }) {
      throw UsageError(description: "--steps \(range.upperBound): a sequence has only \(steps) steps")
    }
    return Set(ranges.joined()).sorted()
  }
}

/// Learning rates as one types them: "0.002,0.004".
struct LearningRateList: ExpressibleByArgument {
  let values: [Float]

  /// At least one, all different.
  static var limits: Limits<[Float]> {
    Limits(words: "a list of different numbers, each \(Limits<Float>.learningRate.words)") {
      areDifferent($0) && $0.allSatisfy(Limits.learningRate.contains)
    }
  }

  init?(argument: String) {
    guard let values = parts(of: argument, Float.init), Self.limits.contains(values) else { return nil }
    self.values = values
  }
}

/// Some of a few names as one types them: "rnn,lstm".
struct ChoiceList<Choice: RawRepresentable<String> & CaseIterable & Hashable & Sendable>: ExpressibleByArgument,
  Sendable
{
  let values: [Choice]

  /// At least one, all different.
  static var limits: Limits<[Choice]> {
    Limits(
      words: "a list of different ones of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))",
      contains: areDifferent)
  }

  static var allValueStrings: [String] { Choice.allCases.map(\.rawValue) }

  init?(argument: String) {
    guard let values = parts(of: argument, Choice.init(rawValue:)), Self.limits.contains(values) else { return nil }
    self.values = values
  }
}

/// Lengths of made-up sequences as one types them: "10,20,50".
struct LengthList: ExpressibleByArgument {
  /// Ascending.
  let values: [Int]

  private static let range = MemoryTask.fewestSteps...100_000

  /// At least one, all different, each long enough for a memory task.
  static var limits: Limits<[Int]> {
    Limits(words: "a list of different whole numbers, each \(Limits.range(range).words)") {
      areDifferent($0) && $0.allSatisfy(range.contains)
    }
  }

  init?(argument: String) {
    guard let values = parts(of: argument, { Int($0) }), Self.limits.contains(values) else { return nil }
    self.values = values.sorted()
  }
}

/// Names as one types them: "cat,dog".
struct NameList: ExpressibleByArgument {
  /// At least one, none empty, all different.
  let values: [String]

  init?(argument: String) {
    guard let values = parts(of: argument, { $0.isEmpty ? nil : $0 }), areDifferent(values) else { return nil }
    self.values = values
  }
}

/// What stands between commas; `nil` if something there cannot be read.
private func parts<Value>(of argument: String, _ read: (String) -> Value?) -> [Value]? {
  let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { read(String($0)) }
  let values = parts.compactMap(\.self)
  return values.count == parts.count ? values : nil
}

private func areDifferent(_ values: [some Hashable]) -> Bool { !values.isEmpty && Set(values).count == values.count }
