// Learns what comes next in a series of numbers, and goes on from its end by itself.
//
//     swift run -c release NextNumber          # a made-up tide, hour by hour
//     swift run -c release NextNumber FILE     # your own numbers, one in each line

import Foundation
import Unroll

/// The height of a tide, hour by hour: what moon and sun do to it, and some weather.
func tide(hours: Int) -> [Float] {
  var random = RandomGenerator(seed: 1)
  return (0..<hours).map { hour in
    let moon = sin(2 * .pi * Float(hour) / 12.42), sun = sin(2 * .pi * Float(hour) / 12)
    return 2 * moon + 0.8 * sun + 0.1 * random.normal()
  }
}

/// Every stretch of `length` numbers, each to be answered with the number behind it.
func stretches(of numbers: [Float], length: Int) -> LabeledSequences {
  let starts = 0..<numbers.count - length
  return LabeledSequences(
    features: 1, lengths: starts.map { _ in length }, values: starts.flatMap { numbers[$0..<$0 + length] },
    targets: .numbers(starts.map { numbers[$0 + length] }))
}

let length = 24, ahead = 48
let file = CommandLine.arguments.dropFirst().first, format = CSVFormat(target: .none)
let numbers: [Float]
do {
  numbers = try file.map { try LabeledSequences(contentsOfCSV: $0, format: format).values } ?? tide(hours: 1000)
} catch {
  print(error)
  exit(66)
}
guard numbers.count >= 5 * length + ahead else {
  print("\(numbers.count) numbers are too few to learn from; at least \(5 * length + ahead) are needed")
  exit(65)
}

// The last numbers are kept from the network, to see what its forecast is worth.
let known = Array(numbers.dropLast(ahead)), sequences = stretches(of: known, length: length)
let learned = Array(0..<sequences.count * 4 / 5), rest = Array(learned.count..<sequences.count)
let preprocessing = SeriesPreprocessing(fitting: sequences, rows: learned, normalizes: true, missing: .carry)
let scaling = preprocessing.scaling
let target = SequenceTarget.number(mean: scaling.mean[0], deviation: 1 / scaling.scale[0])
func data(_ sequences: LabeledSequences) -> SequenceData {
  SequenceData(sequences, preprocessing, target: target, on: .cpu)
}

var plan = TrainingPlan(recipe: .modern)
plan.objective = .last  // the number is asked for after the last step alone
plan.hiddenSize = 32
plan.batchSize = 32
plan.epochs = 40
let trainer = try Trainer(plan, data: data(sequences.selecting(learned)), outputs: 1)
while !trainer.isFinished {
  let epoch = try trainer.trainEpoch()
  if epoch.epoch % 10 == 0 { print("epoch \(epoch.epoch): loss \(Float(epoch.loss))") }
}
let model = trainer.result, unseen = data(sequences.selecting(rest))
let error = model.errorBySteps(unseen, target: target)[length - 1].meanAbsoluteError
let changes = rest.map { abs(Double(known[$0 + length] - known[$0 + length - 1])) }
func rounded(_ number: Double) -> String { ValueFormat.number.string(number, decimals: 3) }
print("where it was not learned, the next number is \(rounded(error)) off, on average;")
print("the number before it is \(rounded(changes.reduce(0, +) / Double(changes.count))) off")

// Each estimate is read as if it were known, and leads to the next one.
var forecast = known
for _ in 0..<ahead {
  let window = data(
    LabeledSequences(features: 1, lengths: [length], values: forecast.suffix(length), targets: .none))
  forecast.append(Float(model.estimatesAfterEveryStep(window, target: target)[0][length - 1]))
}

func line(_ name: String, _ values: [Float]) -> LineChart.Series {
  let first = numbers.count - 2 * ahead
  return LineChart.Series(
    name: name, points: (first..<values.count).map { LineChart.Point(x: Double($0), y: Double(values[$0])) })
}
let chart = LineChart(
  title: "\(ahead) numbers ahead", series: [line("what came", numbers), line("forecast", forecast)],
  references: [.vertical(x: Double(known.count), label: "now")])
print(chart.text(width: 100))
