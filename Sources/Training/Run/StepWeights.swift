/// What the answer after each step counts for. Only the weights' ratios matter: they are divided by their sum.
///
/// As text, such as in a plan's JSON, the name of a schedule, or steps with what each of them counts for where that is not
/// 1: "8,28", "7-28", "1-6:0.5,7-28".
public enum StepWeights: Sendable, Hashable, Codable {
  /// As much as has been read: 1, 2, 3, …
  case linear
  /// Its square: 1, 4, 9, …
  case quadratic
  /// The second half of the steps alike, the first half nothing.
  case late
  /// The first half of the steps three times as much as the second.
  case early
  /// Some steps alone, at least one; one that is named several times counts for the sum. Where a sequence ends before a
  /// step, the answer after its last counts in its place.
  case chosen([Chosen])

  /// Steps, and what each of them counts for.
  public struct Chosen: Sendable, Hashable {
    /// From 1 on.
    public let steps: ClosedRange<Int>
    /// Above 0.
    public let weight: Float

    /// - Precondition: Steps are counted from 1, and the weight is above 0.
    public init(_ steps: ClosedRange<Int>, weight: Float = 1) {
      precondition(steps.lowerBound >= 1 && weight > 0 && weight.isFinite, "a weight of \(weight) for steps \(steps)")
      self.steps = steps
      self.weight = weight
    }
  }

  /// The weights of a sequence of `steps` steps, which sum to 1.
  public func weights(steps: Int) -> [Float] {
    switch self {
    case .linear: return normalized((1...steps).map { Float($0) })
    case .quadratic: return normalized((1...steps).map { Float($0 * $0) })
    case .late: return normalized((1...steps).map { 2 * $0 > steps ? 1 : 0 })
    case .early: return normalized((1...steps).map { 2 * $0 > steps ? 1 : 3 })
    case .chosen(let choices):
      precondition(!choices.isEmpty, "weights for no steps")
      var weights = [Float](repeating: 0, count: steps)
      for choice in choices {
        for step in choice.steps { weights[min(step, steps) - 1] += choice.weight }
      }
      return normalized(weights)
    }
  }

  /// The last step that is chosen by its number; `nil` for a schedule, which suits sequences of any length.
  var lastChosen: Int? {
    if case .chosen(let choices) = self { choices.map(\.steps.upperBound).max() } else { nil }
  }
}

extension StepWeights: RawRepresentable {
  /// The names of those that suit sequences of any length.
  public static var scheduleNames: [String] { schedules.map(\.rawValue) }

  private static var schedules: [StepWeights] { [.linear, .quadratic, .late, .early] }

  /// `nil` if the text means none.
  public init?(rawValue text: String) {
    if let schedule = Self.schedules.first(where: { $0.rawValue == text }) {
      self = schedule
      return
    }
    let choices = text.split(separator: ",", omittingEmptySubsequences: false).map { Chosen(text: $0) }
    guard choices.allSatisfy({ $0 != nil }) else { return nil }
    self = .chosen(choices.compactMap(\.self))
  }

  /// The text that means these.
  public var rawValue: String {
    switch self {
    case .linear: "linear"
    case .quadratic: "quadratic"
    case .late: "late"
    case .early: "early"
    case .chosen(let choices): choices.map(\.text).joined(separator: ",")
    }
  }
}

extension StepWeights.Chosen {
  /// Steps and weights that can be meant; more would only take time, and might not have a finite sum.
  private static let most = 1_000_000

  fileprivate init?(text: Substring) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let steps = ClosedRange(stepsIn: parts[0]), steps.upperBound <= Self.most,
      let weight = parts.count == 1 ? 1 : Float(parts[1]), weight > 0, weight <= Float(Self.most)
    else { return nil }
    self.init(steps, weight: weight)
  }

  fileprivate var text: String {
    (steps.count == 1 ? "\(steps.lowerBound)" : "\(steps.lowerBound)-\(steps.upperBound)")
      + (weight == 1 ? "" : Int(exactly: weight).map { ":\($0)" } ?? ":\(weight)")
  }
}

extension ClosedRange<Int> {
  /// Steps as one types them, counted from 1: "7" or "7-28"; `nil` if the text means none.
  package init?(stepsIn text: Substring) {
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
    guard let first = ends[0], let last = ends[ends.count - 1], 1 <= first, first <= last else { return nil }
    self = first...last
  }
}

/// The same ratios, with a sum of 1.
func normalized(_ weights: [Float]) -> [Float] {
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}
