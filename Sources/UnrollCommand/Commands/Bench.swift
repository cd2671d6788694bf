import ArgumentParser
import Foundation
import Unroll

extension Benchmark.Mode: ExpressibleByArgument {}
extension Benchmark.Objective: ExpressibleByArgument {}

/// `unroll bench`
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures how fast this machine is, and how close that comes to its processor's peak.",
    discussion: """
      Works on random images in rounds, and before each round measures the multiply-adds per second that never leave the \
      registers: the peak. Shares of the peak count only operations that are really executed, those of matrix products. \
      Threads that work together also depend on how fast a number gets from one core to another and back.
      """)

  @Option(help: "What is timed: an update, a batch from bytes to classes, or a step of one sequence.")
  var mode = Benchmark.Mode.train

  @Option(help: "What else training does: 'thorough' distorts images and averages weights.")
  var recipe = Recipe.modern

  @Option(help: "The recurrent layers' cell.")
  var cell = CellKind.lstm

  @Option(help: "How many recurrent layers.")
  var layers = 1

  @Option(help: "What their products are computed in.")
  var precision = Precision.fp32

  @Option(help: "When training asks for the class: after the last step, or after every step.")
  var objective = Benchmark.Objective.last

  @Option(help: "Sequences per update or batch.")
  var batchSize = 128

  @Option(help: "Width of the input layer and size of the recurrent layers' state.")
  var hidden = 128

  @Option(help: "Steps of a sequence.")
  var steps = 28

  @Option(help: "Features of a step.")
  var inputs = 28

  @Option(help: "Rounds, after one to warm up.")
  var rounds = 7

  @Option(help: "Seconds of each round, at least.")
  var seconds = 0.5

  @Option(help: "Threads; a stream has one. (default: one per core)")
  var threads: Int?

  @Flag(help: "Writes JSON to standard output, and nothing else there.")
  var json = false

  func validate() throws {
    for (flag, value, most) in [
      ("--layers", layers, 64), ("--batch-size", batchSize, 100_000), ("--hidden", hidden, 16_384),
      ("--steps", steps, 10_000), ("--inputs", inputs, 16_384), ("--rounds", rounds, 1000),
      ("--threads", threads ?? 1, 1024),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(flag) \(value): must be from 1 to \(most)")
    }
    if mode == .stream, let threads, threads > 1 {
      throw ValidationError("--threads \(threads): a stream is read by one thread")
    }
    if mode != .train && recipe != .modern {
      throw ValidationError("--recipe \(recipe.rawValue): needs --mode train")
    }
    if mode != .train && objective != .last {
      throw ValidationError("--objective \(objective.rawValue): needs --mode train")
    }
    guard seconds > 0 && seconds <= 3600 else {
      throw ValidationError("--seconds \(seconds): must be above 0 and at most 3600")
    }
  }

  func run() throws {
    let threads = threads ?? (mode == .stream ? 1 : nil)
    let device = threads.map { Device(threads: $0) } ?? .cpu
    try device.checkSupport(of: precision)
    warnIfBusy()
    let shape = Benchmark.Shape(
      batchSize: mode == .stream ? 1 : batchSize, steps: steps, inputs: inputs, hiddenSize: hidden, layers: layers,
      cell: cell, precision: precision, objective: objective, recipe: recipe)
    let benchmark = try Benchmark(mode, shape, rounds: rounds, seconds: seconds, on: device)
    if json {
      try Self.writeJSON(Results(benchmark, device))
    } else {
      try StandardStream.output.writeLine(text(benchmark, device))
    }
  }

  /// Says so if other programs want the cores too: then times are not this machine's best, nor even steady.
  private func warnIfBusy() {
    var loads = [0.0]
    let cores = ProcessInfo.processInfo.activeProcessorCount
    guard getloadavg(&loads, 1) == 1, loads[0] > 0.2 * Double(cores) else { return }
    StandardStream.error.tryWriteLine(
      "unroll: note: other programs are busy here (load \(fixed(loads[0], 2)) on \(cores) cores); times will be noisy")
  }

  private func text(_ benchmark: Benchmark, _ device: Device) -> String {
    let rounds = benchmark.rounds
    let seconds = median(rounds.map(\.seconds)), peak = median(rounds.map(\.peak))
    let handovers = rounds.compactMap(\.handover)
    let sharing = handovers.isEmpty ? "" : "; from core to core and back in \(fixed(median(handovers) * 1e9, 0)) ns"
    let unit = mode.unit
    var table = TextTable(header: ["per \(unit.name)", unit.timeName, "of the time", "of the peak"])
    /// A row for what takes `time` of a round; shares are those of each round, so that no two rounds are mixed.
    func row(_ name: String, multiplyAdds: Int? = nil, time: (Benchmark.Round) -> Double) -> [String] {
      let shareOfPeak = multiplyAdds.map { count in
        percent(median(rounds.map { 2 * Double(count) / time($0) / $0.peak }))
      }
      return [
        name, fixed(median(rounds.map(time)) * unit.perSecond, 3),
        percent(median(rounds.map { time($0) / $0.seconds })), shareOfPeak ?? "",
      ]
    }
    let phases = Phase.allCases.filter { phase in rounds.contains { $0.phases[phase] != nil } }
    for phase in phases {
      table.append(row(phase.rawValue, multiplyAdds: benchmark.multiplyAdds[phase]) { $0.phases[phase] ?? 0 })
    }
    if !phases.isEmpty { table.append(row("the rest") { $0.seconds - $0.phases.values.reduce(0, +) }) }
    table.append(row("all", multiplyAdds: benchmark.multiplyAdds.values.reduce(0, +)) { $0.seconds })
    let slowest = rounds.map(\.seconds).max() ?? 0, fastest = rounds.map(\.seconds).min() ?? 0
    let layers = layers == 1 ? cell.rawValue : "\(layers) layers of \(cell.rawValue)"
    let sequences = mode == .stream ? "one sequence" : "batch \(batchSize)"
    let asked = (objective == .last ? "" : ", asked after every step") + (recipe == .modern ? "" : ", recipe \(recipe)")
    let perSecond = grouped(Int(Double(benchmark.shape.batchSize) / seconds))
    var rate = "\(perSecond) \(mode == .stream ? "steps" : "sequences")/s"
    if mode == .train { rate += "; \(fixed(60_000 / Double(batchSize) * seconds, 2)) s for an epoch of 60,000" }
    return """
      \(processorName()); \(device); unroll \(unrollVersion)
      \(layers), hidden \(hidden), \(sequences), \(steps) steps of \(inputs) features, \(precision.rawValue)\(asked)
      peak of these threads: \(fixed(peak / 1e9, 1)) GFLOP/s (median of \(rounds.count) rounds)\(sharing)

      \(table.text())

      \(fixed(fastest * unit.perSecond, 3)) to \(fixed(slowest * unit.perSecond, 3)) \(unit.timeName) per \
      \(unit.name); \(rate)
      """
  }

  /// What `--json` prints.
  private struct Results: Encodable {
    let processor = processorName()
    let threads: Int
    let instructionSet: InstructionSet
    let version = unrollVersion
    let mode: Benchmark.Mode
    let shape: Benchmark.Shape
    let rounds: [Benchmark.Round]
    let multiplyAdds: [Phase: Int]
    let seconds, shareOfPeak: Double

    enum CodingKeys: String, CodingKey {
      case processor, threads, version, mode, shape, rounds, seconds
      case instructionSet = "instruction_set"
      case multiplyAdds = "multiply_adds"
      case shareOfPeak = "share_of_peak"
    }

    init(_ benchmark: Benchmark, _ device: Device) {
      threads = device.threads
      instructionSet = device.instructionSet
      mode = benchmark.mode
      shape = benchmark.shape
      rounds = benchmark.rounds
      multiplyAdds = benchmark.multiplyAdds
      seconds = median(benchmark.rounds.map(\.seconds))
      shareOfPeak = median(benchmark.sharesOfPeak)
    }
  }
}

extension Benchmark.Mode {
  /// What is counted, and what its time is given in.
  fileprivate var unit: (name: String, timeName: String, perSecond: Double) {
    switch self {
    case .train: ("update", "ms", 1e3)
    case .infer: ("batch", "ms", 1e3)
    case .stream: ("step", "µs", 1e6)
    }
  }
}

/// The processor as the system names it.
private func processorName() -> String {
  let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
  let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
  return name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
}
