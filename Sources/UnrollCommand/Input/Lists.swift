import ArgumentParser
import Unroll

/// Numbers of steps as one types them: "7,10,14", "7-28", or both.
struct StepList: ExpressibleByArgument {
  private let ranges: [ClosedRange<Int>]

  init?(argument: String) {
    var ranges: [ClosedRange<Int>] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends[0], let last = ends[ends.count - 1], 1 <= first, first <= last else { return nil }
      ranges.append(first...last)
    }
    self.ranges = ranges
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
  /// At least one, all different, each above 0 and at most 1000.
  let values: [Float]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Float($0) }
    values = numbers.compactMap(\.self)
    guard values.count == numbers.count, values.allSatisfy({ $0 > 0 && $0 <= 1000 }), Set(values).count == values.count
    else { return nil }
  }
}

/// Some of a few names as one types them: "rnn,lstm".
struct ChoiceList<Choice: RawRepresentable<String> & Sendable>: ExpressibleByArgument, Sendable {
  /// At least one, all different.
  let values: [Choice]

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    values = names.compactMap(Choice.init(rawValue:))
    guard values.count == names.count, Set(names).count == names.count else { return nil }
  }
}

/// Lengths of made-up sequences as one types them: "10,20,50".
struct LengthList: ExpressibleByArgument {
  /// At least one, all different, ascending, each long enough for a memory task and at most 100,000.
  let values: [Int]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    values = numbers.compactMap(\.self).sorted()
    guard values.count == numbers.count, Set(values).count == values.count,
      values.allSatisfy((MemoryTask.fewestSteps...100_000).contains)
    else { return nil }
  }
}

/// Names as one types them: "cat,dog".
struct NameList: ExpressibleByArgument {
  /// At least one, none empty, all different.
  let values: [String]

  init?(argument: String) {
    values = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard !values.contains(""), Set(values).count == values.count else { return nil }
  }
}
