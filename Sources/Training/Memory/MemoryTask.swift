import Tensors
import _Differentiation

/// A made-up task that can only be solved by remembering: what counts is near the beginning of a sequence, and the question
/// comes at its end.
public enum MemoryTask: String, Sendable, CaseIterable, Codable {
  /// Add two marked numbers out of many (Hochreiter & Schmidhuber 1997, experiment 4), in the form in use since Le, Jaitly &
  /// Hinton (2015): each step has a value, uniform in [0, 1), and a marker, which is 1 at one step of the first half and one
  /// of the second, and else 0. The target is the sum of the two marked values, the loss the squared error. Whoever always
  /// answers 1 has the error 1/6.
  case adding
  /// Tell in which order two symbols came (Hochreiter & Schmidhuber 1997, experiment 6a): a sequence begins with E, ends with
  /// B, and holds a, b, c and d at random but for two places, where there is X or Y. These lie where 10…20 and 50…60 of
  /// 100 steps are: the first between a tenth and a fifth of the steps, the second between a half and three fifths. The four
  /// classes are XX, XY, YX and YY, the loss the cross-entropy, the error the share of wrong answers. Whoever guesses has
  /// the error 3/4.
  case temporalOrder = "temporal-order"

  /// The shortest sequence that has room for everything.
  public static let fewestSteps = 10

  /// Features of a step: value and marker, or one for each of the symbols a b c d E B X Y.
  public var features: Int { self == .adding ? 2 : 8 }

  /// Numbers that the network answers with: the sum, or the logits of the classes.
  public var outputs: Int { self == .adding ? 1 : 4 }

  /// The error of an answer that knows nothing of the sequence.
  public var baseline: Double { self == .adding ? 1 / 6 : 0.75 }

  /// What the error on the validation sequences must be below for the task to count as solved: a mean squared error of 0.01,
  /// or one wrong answer in a hundred.
  public var solvedError: Double { 0.01 }

  /// Sequences with what is to be answered at their ends.
  ///
  /// - Parameters:
  ///   - count: How many, at least 1.
  ///   - steps: Steps of each, at least `fewestSteps`.
  ///   - random: Where they come from.
  ///   - device: Where the tensors are put.
  /// - Returns: The sequences, each drawn by itself, one after the other.
  public func sequences(
    count: Int, steps: Int, using random: inout RandomGenerator, on device: Device = .cpu
  ) -> MemorySequences {
    precondition(
      count >= 1 && steps >= Self.fewestSteps, "\(count) sequences of \(steps) steps: at least 1 of \(Self.fewestSteps)"
    )
    var values = [Float](repeating: 0, count: count * steps * features), sums: [Float] = [], classes: [Int32] = []
    for sequence in 0..<count {
      let first = sequence * steps * features
      switch self {
      case .adding: sums.append(Self.drawAdding(steps, into: &values, from: first, using: &random))
      case .temporalOrder: classes.append(Self.drawOrder(steps, into: &values, from: first, using: &random))
      }
    }
    return MemorySequences(
      inputs: Tensor(values, shape: [count, steps, features], on: device),
      targets: self == .adding ? Tensor(sums, shape: [count, 1], on: device) : Tensor(classes, on: device))
  }

  /// Writes a sequence of values and markers.
  ///
  /// - Returns: The sum of the marked values.
  private static func drawAdding(
    _ steps: Int, into values: inout [Float], from first: Int, using random: inout RandomGenerator
  ) -> Float {
    for step in 0..<steps { values[first + 2 * step] = random.uniform() }
    let half = steps / 2
    let marked = [random.integer(below: half), half + random.integer(below: steps - half)]
    for step in marked { values[first + 2 * step + 1] = 1 }
    return values[first + 2 * marked[0]] + values[first + 2 * marked[1]]
  }

  /// Writes a sequence of symbols.
  ///
  /// - Returns: The class: 0 to 3 for XX, XY, YX and YY.
  private static func drawOrder(
    _ steps: Int, into values: inout [Float], from first: Int, using random: inout RandomGenerator
  ) -> Int32 {
    let (begin, end, x) = (4, 5, 6)
    var symbols = (0..<steps).map { _ in random.integer(below: 4) }
    symbols[0] = begin
    symbols[steps - 1] = end
    var answer: Int32 = 0
    for range in [steps / 10...steps / 5, steps / 2...3 * steps / 5] {
      let place = range.lowerBound + random.integer(below: range.count), which = random.integer(below: 2)
      symbols[place] = x + which
      answer = 2 * answer + Int32(which)
    }
    for (step, symbol) in symbols.enumerated() { values[first + 8 * step + symbol] = 1 }
    return answer
  }
}

/// Sequences of a `MemoryTask`, and what is to be answered at their ends.
public struct MemorySequences: Sendable {
  /// [count, steps, features]
  public let inputs: Tensor
  /// The sums, [count, 1]; or the classes, [count] of `int32`.
  public let targets: Tensor

  /// How many there are.
  public var count: Int { inputs.shape[0] }
}

extension MemoryTask {
  /// How wrong a network's outputs are: the squared error of the sums, or the cross-entropy of the classes.
  ///
  /// - Parameters:
  ///   - outputs: [count, outputs].
  ///   - targets: Those of the sequences that were read.
  ///   - reduction: The mean by default.
  /// - Returns: A scalar, or a loss for each sequence.
  @differentiable(reverse,wrt: outputs)
  public func loss(_ outputs: Tensor, targets: Tensor, reduction: Reduction = .mean) -> Tensor {
    switch self {
    case .adding: return meanSquaredError(outputs, targets: targets, reduction: reduction)
    case .temporalOrder: return softmaxCrossEntropy(logits: outputs, labels: targets, reduction: reduction)
    }
  }

  /// The sum of what each answer counts for in the error: its squared error, or 1 if it is wrong.
  func errorSum(_ outputs: Tensor, targets: Tensor) -> Double {
    switch self {
    case .adding: return Double(meanSquaredError(outputs, targets: targets, reduction: .sum).scalar)
    case .temporalOrder:
      let labels: [Int32] = targets.elements()
      return Double(zip(outputs.argmaxOfRows(), labels).count { $0 != Int($1) })
    }
  }
}
