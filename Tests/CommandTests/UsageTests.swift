import Foundation
import Testing

@Suite("Wrong usage")
struct UsageTests {
  private let sandbox: Sandbox

  init() throws {
    sandbox = try Sandbox()
  }

  @Test(arguments: [
    ("--epochs", ["0", "-1", "100001", "1.5", "many", "99999999999999999999", ""]),
    ("--batch-size", ["0", "1000001", "x"]), ("--hidden", ["0", "16385", "x"]), ("--validation", ["-1", "2147483648"]),
    ("--threads", ["0", "1025", "two"]), ("--seed", ["-1", "1.0", "18446744073709551616"]),
    ("--learning-rate", ["0", "-0.1", "nan", "inf", "1001", "fast"]), ("--recipe", ["mine", "Modern"]),
    ("--cell", ["transformer", "LSTM"]), ("--layers", ["0", "65", "two"]), ("--precision", ["fp16"]),
    ("--optimizer", ["lion"]), ("--schedule", ["linear"]), ("--objective", ["first"]),
    ("--shift", ["-1", "1001", "nan", "far"]), ("--rotation", ["-1", "181"]), ("--scaling", ["-0.1", "1", "nan"]),
    ("--bending", ["-1", "inf"]), ("--weight-decay", ["-1", "nan"]), ("--slant", ["-1", "81"]),
    ("--vertical", ["-0.1", "1.1"]),
    ("--blank-front", ["-1", "1.5"]), ("--average-weights", ["-0.1", "1", "nan"]),
    ("--dropout", ["-0.1", "1", "nan"]), ("--recurrent-dropout", ["-0.1", "1", "half"]),
    ("--step-weights", ["cubic", "0-7", "7:0", "7:"]), ("--label-smoothing", ["-0.1", "1.1", "nan", "some"]),
  ])
  func valuesOutOfRange(flag: String, values: [String]) throws {
    for value in values {
      let outcome = try sandbox.unroll("train", "bars", "\(flag)=\(value)", "--output", "run")
      expect(outcome, failsWith: 64, saying: flag, "(see unroll train --help)")
    }
    #expect(try sandbox.names() == ["bars"])
  }

  @Test(arguments: [
    ("--epochs", "0", "from 1 to 100000"), ("--dropout", "1", "from 0 to below 1"), ("--slant", "81", "from 0 to 80"),
    ("--learning-rate", "1001", "above 0 and at most 1000"), ("--remember", "2", "0, or from 3 to 1000000"),
  ])
  func limitsAreSaid(flag: String, value: String, limits: String) throws {
    let outcome = try sandbox.unroll("train", "bars", flag, value)
    #expect(
      outcome.status == 64
        && outcome.errors == "unroll: \(flag) \(value): must be \(limits) (see unroll train --help)\n")
  }

  @Test(arguments: [
    ["contrast", "a", "--data", ""], ["contrast", "a", "--learning-rate", "0"],
    ["train", "--unknown"], ["train", "a", "b"], ["steps"], ["early"], ["evaluate"], ["predict"], ["predict", "run"],
    ["predict", "run", "0", "--steps", "0"], ["predict", "run", "0", "--steps", "-1"], ["nonsense"],
    ["data", "nonsense"], ["train", "--output", "a", "--resume", "b"], ["train", "--epochs"],
    ["train", "bars", "--output", ""], ["train", "--resume", ""], ["train", "--data", ""],
    ["early", "a", "--rule", "luck"], ["early", "a", "--target-accuracy", "1.1"],
    ["early", "a", "--target-accuracy=-0.1"], ["early", "a", "--target-accuracy", "nan"],
    ["early", "a", "--steps", "3"],
    ["steps", "a", "--steps", "3"],
  ])
  func otherMistakes(arguments: [String]) throws {
    expect(try sandbox.unroll(arguments), failsWith: 64, saying: "(see unroll")
    #expect(try sandbox.names() == ["bars"])
  }

  @Test(arguments: [
    (["train", "bars", "--step-weights", "linear"], "--step-weights linear: needs --objective weighted"),
    (
      ["train", "bars", "--objective", "every", "--step-weights", "late"],
      "--step-weights late: needs --objective weighted"
    ),
    (
      ["train", "bars", "--recipe", "assignment", "--weight-decay", "0.1"],
      "--weight-decay 0.1: needs --optimizer adamw"
    ),
    (["ceiling", "bars", "--optimizer", "sgd", "--weight-decay", "2"], "--weight-decay 2: needs --optimizer adamw"),
    (
      ["train", "bars", "--cell", "rnn", "--remember", "30"],
      "--remember 30: needs a cell with gates, which rnn has not"
    ),
    (
      ["ceiling", "bars", "--cell", "irnn", "--remember", "30"],
      "--remember 30: needs a cell with gates, which irnn has not"
    ),
  ])
  func whatOtherChoicesHaveNoUseFor(arguments: [String], message: String) throws {
    expect(try sandbox.unroll(arguments), failsWith: 64, saying: message)
    #expect(try sandbox.names() == ["bars"])
  }

  /// What was probably meant, by the argument parser itself or by ours.
  @Test(
    arguments: [
      (
        ["train", "--hiden", "3"],
        "unroll: Unknown option '--hiden'. Did you mean '--hidden'? (see unroll train --help)"
      ),
      (["tran"], "unroll: there is no subcommand 'tran'; did you mean 'train'? (see unroll --help)"),
      (["data", "lst"], "unroll: there is no subcommand 'lst'; did you mean 'list'? (see unroll data --help)"),
      (["nonsense"], "unroll: there is no subcommand 'nonsense' (see unroll --help)"),
      (
        ["train", "--cell", "lsmt"],
        """
        unroll: The value 'lsmt' is invalid for '--cell <cell>': expected one of lstm, peephole-lstm, coupled-lstm, \
        layer-norm-lstm, gru, rnn, irnn; did you mean 'lstm'? (see unroll train --help)
        """
      ),
      (
        ["train", "--seed", "-1"],
        "unroll: --seed: found -1; expected a number that is not negative (see unroll train --help)"
      ),
      (
        ["train", "--epochs", "1.5"],
        "unroll: The value '1.5' is invalid for '--epochs <epochs>': expected a whole number (see unroll train --help)"
      ),
      (
        ["train", "--step-weights", "28-7"],
        """
        unroll: The value '28-7' is invalid for '--step-weights <weights>': expected a schedule's name, or steps such as 7-28 \
        or 1-6:0.5,7-28 (see unroll train --help)
        """
      ),
      (
        ["ceiling", "--steps", "0"],
        """
        unroll: The value '0' is invalid for '--steps <list>': expected numbers from 1 on, such as 7,14 or 7-28 \
        (see unroll ceiling --help)
        """
      ),
      (
        ["early", "run", "--rule", "confidnce"],
        """
        unroll: The value 'confidnce' is invalid for '--rule <rule>': expected one of confidence, margin, patience, learned; \
        did you mean 'confidence'? (see unroll early --help)
        """
      ),
      (
        ["memory", "--cells", "rnn,lsmt"],
        """
        unroll: The value 'rnn,lsmt' is invalid for '--cells <list>': expected one of lstm, peephole-lstm, coupled-lstm, \
        layer-norm-lstm, gru, rnn, irnn; did you mean 'lstm'? (see unroll memory --help)
        """
      ),
      (
        ["bench", "--mode", "xxxxxxxx"],
        """
        unroll: The value 'xxxxxxxx' is invalid for '--mode <mode>': expected one of train, infer, stream \
        (see unroll bench --help)
        """
      ),
    ] as [([String], String)])
  func guesses(arguments: [String], expected: String) throws {
    let outcome = try sandbox.unroll(arguments)
    #expect(outcome.status == 64 && outcome.errors == expected + "\n", "\(outcome.errors)")
  }

  @Test func datasetsAreGuessedToo() throws {
    expect(try sandbox.unroll("data", "fetch", "fashon-mnist"), failsWith: 66, saying: "did you mean fashion-mnist?")
  }

  @Test func moreValidationThanImages() throws {
    let outcome = try sandbox.unroll("train", "bars", "--validation", "240", "--quiet")
    expect(outcome, failsWith: 64, saying: "--validation 240", "240 sequences")
    #expect(try sandbox.names() == ["bars"])
  }

  @Test func moreBlankStepsThanAnImageHas() throws {
    let outcome = try sandbox.unroll("train", "bars", "--blank-front", "8", "--quiet")
    expect(outcome, failsWith: 64, saying: "--blank-front 8", "8 steps")
    #expect(try sandbox.names() == ["bars"])
  }

  @Test func weightsForAStepThatNoImageHas() throws {
    for command in ["train", "ceiling"] {
      let outcome = try sandbox.unroll(command, "bars", "--objective", "weighted", "--step-weights", "3,9", "--quiet")
      expect(outcome, failsWith: 64, saying: "--step-weights for step 9", "8 steps")
    }
    #expect(try sandbox.names() == ["bars"])
  }

  /// As with most commands, the last one counts.
  @Test func aFlagGivenTwice() throws {
    let arguments = ["train", "bars", "--output", "first", "--output", "second", "--quiet"] + quickly
    expectQuietSuccess(try sandbox.unroll(arguments))
    #expect(try sandbox.names() == ["bars", "second"])
  }
}
