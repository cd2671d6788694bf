import Foundation
import Unroll

/// What a model answers to one sequence, as `unroll predict` shows it.
protocol ShownAnswer: Encodable {
  /// The answer at the end, in a line.
  var summary: String { get }
  /// The answers on the way.
  func table(_ model: TrainedModel, _ style: TerminalStyle) -> TextTable
}

/// What a classifier believes of a sequence after each step.
struct Prediction: ShownAnswer {
  struct Belief: Encodable {
    let step: Int
    let probabilities: [Float]
  }
  /// The sequence as the command line names it.
  let name: String
  /// The answer after the last step that was read, and its probability.
  let answer: String
  let probability: Float
  let beliefs: [Belief]

  /// The answers to sequence `row` of some, as far as it goes.
  init(_ name: String, _ answers: StepAnswers, row: Int, of model: TrainedModel) {
    let length = answers.lengths?[row] ?? answers.steps, size = answers.steps * answers.classes
    let own = StepAnswers(
      logits: Array(answers.logits[row * size..<row * size + length * answers.classes]), labels: [0], steps: length,
      classes: answers.classes)
    let probabilities = own.probabilities(temperatures: model.temperatures(steps: length))
    beliefs = (0..<length).map { step in
      Belief(step: step + 1, probabilities: Array(probabilities[step * own.classes..<(step + 1) * own.classes]))
    }
    self.name = name
    let last = Array(probabilities.suffix(own.classes))
    let best = last.indices.max { last[$0] < last[$1] } ?? 0
    answer = model.classNames[best]
    probability = last[best]
  }

  var summary: String { "\(name): \(answer) (\(percent(Double(probability))))" }

  func table(_ model: TrainedModel, _ style: TerminalStyle) -> TextTable {
    var table = TextTable(header: [model.input.stepName, "answer", "belief", "", "next"])
    for step in shownCounts(upTo: beliefs.count) {
      let probabilities = beliefs[step - 1].probabilities
      let order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
      let best = Double(probabilities[order[0]])
      let next = order.dropFirst().first.map { "\(model.classNames[$0]) \(percent(Double(probabilities[$0])))" }
      table.append([
        String(step), model.classNames[order[0]], style.bar(best, width: 30), percent(best), next ?? "",
      ])
    }
    return table
  }
}

/// What a network estimates of a number after each step.
struct Estimate: ShownAnswer {
  /// The sequence as the command line names it.
  let name: String
  /// After the last step.
  let estimate: Double
  /// After each step.
  let estimates: [Double]

  init(_ name: String, _ estimates: [Double]) {
    self.name = name
    self.estimates = estimates
    estimate = estimates[estimates.count - 1]
  }

  var summary: String { "\(name): \(short(estimate))" }

  func table(_ model: TrainedModel, _ style: TerminalStyle) -> TextTable {
    var table = TextTable(header: [model.input.stepName, "estimate"])
    for step in shownCounts(upTo: estimates.count) { table.append([String(step), short(estimates[step - 1])]) }
    return table
  }
}
