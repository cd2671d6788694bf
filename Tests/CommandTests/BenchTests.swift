import Foundation
import Testing
import Unroll

/// `unroll bench` as a whole process, on shapes so small that nothing can be said of their speed.
@Suite("Benchmark")
struct BenchTests {
  private let sandbox: Sandbox
  private let small = [
    "--batch-size", "4", "--hidden", "8", "--steps", "3", "--inputs", "5", "--rounds", "2", "--seconds", "0.001",
  ]

  init() throws {
    sandbox = try Sandbox()
  }

  @Test(arguments: ["train", "infer", "stream"], CellKind.allCases.map(\.rawValue))
  func jsonSaysWhatWasTimed(mode: String, cell: String) throws {
    let outcome = try sandbox.unroll(["bench", "--mode", mode, "--cell", cell, "--layers", "2", "--json"] + small)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let found = try outcome.object()
    #expect(
      Set(found.keys) == [
        "processor", "threads", "instruction_set", "version", "mode", "shape", "rounds", "multiply_adds", "seconds",
        "share_of_peak", "schema",
      ])
    #expect(found["mode"] as? String == mode)
    let shape = try #require(found["shape"] as? [String: Any])
    #expect(shape["cell"] as? String == cell)
    #expect(shape["layers"] as? Int == 2 && shape["hidden_size"] as? Int == 8 && shape["inputs"] as? Int == 5)
    #expect(shape["batch_size"] as? Int == (mode == "stream" ? 1 : 4))
    let rounds = try #require(found["rounds"] as? [[String: Any]])
    #expect(rounds.count == 2)
    for round in rounds {
      let seconds = try #require(round["seconds"] as? Double), peak = try #require(round["peak"] as? Double)
      let phases = try #require(round["phases"] as? [String: Double])
      #expect(seconds > 0 && peak > 1e8)
      #expect(phases.values.reduce(0, +) <= seconds)
      #expect(
        Set(phases.keys)
          == (mode == "train"
            ? ["data", "linear layers", "forward", "backward", "weight gradients", "optimizer"]
            : mode == "infer" ? ["data", "linear layers", "forward"] : []))
    }
    let share = try #require(found["share_of_peak"] as? Double)
    #expect(share > 0 && share < 1)
  }

  /// Counted by hand: 3 steps of 5 features, folded into layers of 8 units.
  @Test(arguments: [("lstm", 4), ("peephole-lstm", 4), ("coupled-lstm", 3), ("gru", 3), ("rnn", 1), ("irnn", 1)])
  func onlyExecutedMultiplyAddsCount(cell: String, gates: Int) throws {
    let found = try sandbox.unroll(["bench", "--cell", cell, "--layers", "2", "--json"] + small).object()
    let counts = try #require(found["multiply_adds"] as? [String: Int])
    let recurrent = 2 * 2 * gates * 8 * 8, fromBelow = 3 * gates * 8 * 8, fromData = 3 * gates * 8 * 5
    #expect(counts["forward"] == 4 * (recurrent + fromBelow + fromData))
    #expect(counts["weight gradients"] == 4 * (recurrent + fromBelow + fromData))
    #expect(counts["backward"] == 4 * (recurrent + fromBelow))
    // The head after the last step, and the fold of weights and biases; each with two gradients.
    #expect(counts["linear layers"] == 3 * (4 * 8 * 10 + gates * 8 * 8 * (5 + 1)))
  }

  /// Asked after each of 3 steps, the head has three times the work, and nothing else is more.
  @Test func askingAfterEveryStepIsTimedToo() throws {
    let last = try sandbox.unroll(["bench", "--objective", "last", "--json"] + small).object()
    let every = try sandbox.unroll(["bench", "--objective", "every", "--json"] + small).object()
    var expected = try #require(last["multiply_adds"] as? [String: Int])
    expected["linear layers", default: 0] += 3 * 2 * (4 * 8 * 10)
    #expect(every["multiply_adds"] as? [String: Int] == expected)
    #expect((last["shape"] as? [String: Any])?["objective"] as? String == "last")
    #expect((every["shape"] as? [String: Any])?["objective"] as? String == "every")
    let thorough = try sandbox.unroll(["bench", "--recipe", "thorough", "--json"] + small).object()
    #expect((thorough["shape"] as? [String: Any])?["recipe"] as? String == "thorough")
    let table = try sandbox.unroll(["bench", "--objective", "every"] + small)
    #expect(table.output.contains("5 features, fp32, asked after every step\n"), "\(table.output)")
  }

  @Test(arguments: [("train", "per update"), ("infer", "per batch"), ("stream", "per step")])
  func theTableIsForPeople(mode: String, heading: String) throws {
    let outcome = try sandbox.unroll(["bench", "--mode", mode] + small)
    #expect(outcome.status == 0)
    for text in [heading, "of the peak", "GFLOP/s", "lstm, hidden 8", "\nall "] {
      #expect(outcome.output.contains(text), "\(text) in \(outcome.output)")
    }
  }

  @Test func helpNamesOnlyTheObjectivesThatItKnows() throws {
    let help = try sandbox.unroll("bench", "--help").output
    #expect(help.contains(/\(values:\s+last,\s+every;\s+default:\s+last\)/), "\(help)")
  }

  @Test(arguments: [
    ["--mode", "sleep"], ["--cell", "elman"], ["--layers", "0"], ["--layers", "65"], ["--precision", "fp64"],
    ["--hidden", "0"], ["--steps", "x"], ["--rounds", "0"], ["--seconds", "0"], ["--seconds", "-1"],
    ["--mode", "stream", "--threads", "2"], ["--objective", "random-prefix"], ["--objective", "first"],
    ["--mode", "infer", "--objective", "every"], ["--mode", "stream", "--recipe", "thorough"], ["--recipe", "slow"],
  ])
  func wrongFlags(arguments: [String]) throws {
    expect(try sandbox.unroll(["bench"] + arguments), failsWith: 64, saying: "(see unroll bench --help)")
  }
}
