import ArgumentParser
import Foundation
import Unroll

/// `unroll bench`
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures how fast this machine trains, and how close that comes to its processor's peak.",
    discussion: """
      Trains the classifier on random images in rounds, and before each round measures the multiply-adds per second that \
      never leave the registers: the peak. Shares of the peak count only operations that are really executed.
      """)

  @Option(help: "Sequences per update.")
  var batchSize = 128

  @Option(help: "Width of the input layer and size of the LSTM's state.")
  var hidden = 128

  @Option(help: "Steps of a sequence.")
  var steps = 28

  @Option(help: "Features of a step.")
  var inputs = 28

  @Option(help: "Rounds, after one to warm up.")
  var rounds = 7

  @Option(help: "Threads. (default: one per core)")
  var threads: Int?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func validate() throws {
    for (flag, value, most) in [
      ("--batch-size", batchSize, 100_000), ("--hidden", hidden, 16_384), ("--steps", steps, 10_000),
      ("--inputs", inputs, 16_384), ("--rounds", rounds, 1000), ("--threads", threads ?? 1, 1024),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(flag) \(value): must be from 1 to \(most)")
    }
  }

  func run() throws {
    let device = threads.map { Device(threads: $0) } ?? .cpu
    let shape = TrainingBenchmark.Shape(batchSize: batchSize, steps: steps, inputs: inputs, hiddenSize: hidden)
    let benchmark = try TrainingBenchmark(shape, rounds: rounds, on: device)
    if json {
      try StandardStream.output.writeLine(JSONText.encode(Results(benchmark, device)))
    } else {
      try StandardStream.output.writeLine(text(benchmark, device))
    }
  }

  private func text(_ benchmark: TrainingBenchmark, _ device: Device) -> String {
    let rounds = benchmark.rounds
    let seconds = median(rounds.map(\.seconds)), peak = median(rounds.map(\.peak))
    var table = TextTable(header: ["per update", "ms", "of the time", "of the peak"])
    var known = 0.0
    for name in TrainingBenchmark.phaseNames {
      let phase = median(rounds.map { $0.phases[name] ?? 0 })
      known += phase
      let share = benchmark.multiplyAdds[name].map { percent(2 * Double($0) / phase / peak) } ?? ""
      table.append([name, fixed(phase * 1e3, 3), percent(phase / seconds), share])
    }
    table.append(["the rest", fixed((seconds - known) * 1e3, 3), percent(1 - known / seconds), ""])
    table.append(["all", fixed(seconds * 1e3, 3), percent(1), percent(median(benchmark.sharesOfPeak))])
    let slowest = rounds.map(\.seconds).max() ?? 0, fastest = rounds.map(\.seconds).min() ?? 0
    return """
      \(processorName()); \(device); unroll \(unrollVersion)
      batch \(batchSize), \(steps) steps of \(inputs) features, hidden \(hidden)
      peak of these threads: \(fixed(peak / 1e9, 1)) GFLOP/s (median of \(rounds.count) rounds)

      \(table.text())

      \(fixed(fastest * 1e3, 3)) to \(fixed(slowest * 1e3, 3)) ms per update; \(grouped(Int(Double(batchSize) / seconds))) \
      sequences/s; \(fixed(60_000 / Double(batchSize) * seconds, 2)) s for an epoch of 60,000
      """
  }

  /// What `--json` prints.
  private struct Results: Encodable {
    let processor = processorName()
    let threads: Int
    let instructionSet: String
    let version = unrollVersion
    let shape: TrainingBenchmark.Shape
    let rounds: [TrainingBenchmark.Round]
    let multiplyAdds: [String: Int]
    let secondsPerUpdate, shareOfPeak: Double

    enum CodingKeys: String, CodingKey {
      case processor, threads, version, shape, rounds
      case instructionSet = "instruction_set"
      case multiplyAdds = "multiply_adds"
      case secondsPerUpdate = "seconds_per_update"
      case shareOfPeak = "share_of_peak"
    }

    init(_ benchmark: TrainingBenchmark, _ device: Device) {
      threads = device.threads
      instructionSet = device.instructionSet.rawValue
      shape = benchmark.shape
      rounds = benchmark.rounds
      multiplyAdds = benchmark.multiplyAdds
      secondsPerUpdate = median(benchmark.rounds.map(\.seconds))
      shareOfPeak = median(benchmark.sharesOfPeak)
    }
  }
}

/// The processor as the system names it.
private func processorName() -> String {
  let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
  let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
  return name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
}
