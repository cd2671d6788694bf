import Datasets
import Foundation
import Interchange
import Recurrent
import Tensors
import TestSupport
import Testing
import Training

/// Networks as C compute what a `Reader` does. Without a C compiler there is nothing to test; Swift's tools have one.
@Suite("Networks as C", .enabled(if: !CCompiler.all.isEmpty, "needs a C compiler: cc, gcc or clang in the path"))
struct CNetworkTests {
  private static let steps = 12, resets: Set<Int> = [0, 7]

  /// With 3 features the input layer is folded into the first recurrent layer of 5 units; with 9 it is not, where there are
  /// gates enough. Every compiler has to compile it without a warning.
  @Test(arguments: CellKind.allCases, CNetwork.Weights.allCases)
  func everyCellIsThatOfTheReader(cell: CellKind, weights: CNetwork.Weights) throws {
    for (layers, inputs) in [(1, 3), (2, 9)] {
      let model = smallModel(smallNetwork(cell, layers: layers, inputs: inputs))
      #expect(Reader(model.network).foldsInput == (inputs == 3 || [.rnn, .irnn].contains(cell)))
      let steps = rawSteps(Self.steps, of: model)
      let network = weights == .int8 ? try model.roundedToInt8() : model.network
      let expected = model.read(Array(steps[..<7]), by: network) + model.read(Array(steps[7...]), by: network)
      for compiler in CCompiler.all {
        let found = try CReader(model, weights: weights, compiler: compiler).read(steps, resets: Self.resets)
        let difference = try largestDifference(found, expected)
        #expect(difference < 2e-6, "\(layers) layers of \(cell), \(compiler.path)")
        if weights == .int8 {
          let exact = model.read(Array(steps[..<7])) + model.read(Array(steps[7...]))
          #expect(try largestDifference(found, exact) > 1e-5, "8 bits are fewer than 32")
        }
      }
    }
  }

  @Test func temperaturesAreThoseOfTheStep() throws {
    let network = smallNetwork()
    let model = smallModel(network, temperatures: [2, 0.5, 3]), steps = rawSteps(6, of: model)
    let expected = model.read(steps)
    for compiler in CCompiler.all {
      let reader = try CReader(model, compiler: compiler)
      #expect(try largestDifference(reader.read(steps), expected) < 2e-6)
      #expect(try largestDifference(reader.read(steps + steps, resets: [0, 6]), expected + expected) < 2e-6)
    }
    #expect(try largestDifference(expected, smallModel(network).read(steps)) > 1e-2)
  }

  /// Without names of classes the outputs are the head's, as they are.
  @Test func aNetworkOfNumbers() throws {
    let network = smallNetwork(.gru), model = smallModel(network, names: []), steps = rawSteps(5, of: model)
    let scaled = steps.flatMap { step in
      step.indices.map { (step[$0] - model.featureScaling.mean[$0]) * model.featureScaling.scale[$0] }
    }
    let logits = network.logitsAtEveryStep(Tensor(scaled, shape: [1, 5, 3])).floats
    for compiler in CCompiler.all {
      let found = try CReader(model, compiler: compiler).read(steps)
      #expect(try largestDifference([found.flatMap { $0 }], [logits]) < 4e-6)
    }
    let text = try CNetwork(model, name: "net").header(named: "net.h")
    #expect(text.contains("#define NET_OUTPUTS 4\n") && !text.contains("class") && !text.contains("logits"))
  }

  /// Of a trained model, the number's scale is in the output layer.
  @Test func anEstimateIsInTheNumbersOwnUnit() throws {
    let network = smallNetwork(.gru, classes: 1), scaling = FeatureScaling(mean: [1, 2, 3], scale: [1, 0.5, 2])
    let model = TrainedModel(
      classifier: network, target: .number(mean: 40, deviation: 5),
      input: .series(SeriesPreprocessing(scaling: scaling, fill: [0, 0, 0], missing: .carry, steps: 6)),
      dataset: "numbers")
    let portable = PortableModel(model), input = Tensor((0..<18).map { Float($0) / 9 - 1 }, shape: [1, 6, 3])
    #expect(!portable.isClassifier && portable.featureScaling == scaling)
    let expected = network.logitsAtEveryStep(input).floats.map { 5 * $0 + 40 }
    #expect(try largestDifference([portable.network.logitsAtEveryStep(input).floats], [expected]) < 1e-4)
  }

  /// Numbers in C are those of the model to the bit: before the first step the state is zero, and the logits are the head's
  /// bias.
  @Test func numbersAreExact() throws {
    var random = RandomGenerator(seed: 3)
    let bias: [Float] =
      [0, -0.0, 1 / 3, .pi, 1e-7, 16_777_216, -.leastNonzeroMagnitude, .greatestFiniteMagnitude, .leastNormalMagnitude]
      + random.normals(count: 991)
    var network = smallNetwork(classes: bias.count)
    network.head.bias = Tensor(bias)
    let main = """
      #include <stdio.h>
      #include "net.h"
      int main(void) {
        net_state state;
        float logits[NET_CLASSES];
        net_reset(&state);
        net_logits(&state, logits);
        fwrite(logits, sizeof logits, 1, stdout);
        return 0;
      }

      """
    for compiler in CCompiler.all {
      let output = try CReader(smallModel(network), compiler: compiler, main: main).output()
      let logits = output.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      #expect(logits == bias)
    }
  }

  /// States are independent: two sequences read in turn are two sequences read one after the other.
  @Test func twoSequencesInTurn() throws {
    let model = smallModel(smallNetwork(.peepholeLSTM, layers: 2), temperatures: [1, 2, 3, 4])
    let a = rawSteps(6, of: model), b = Array(a.reversed())
    let main = CReader.main
      .replacing("static net_state state;", with: "static net_state states[2];\n  int turn = 0;")
      .replacing("&state", with: "&states[turn]").replacing("    fwrite", with: "    turn = 1 - turn;\n    fwrite")
    let found = try CReader(model, compiler: CCompiler.all[0], main: main)
      .read(zip(a, b).flatMap { [$0, $1] }, resets: [0, 1])
    let expected = zip(model.read(a), model.read(b)).flatMap { [$0, $1] }
    #expect(try largestDifference(found, expected) < 2e-6)
  }

  static let hostileNames = [
    #"say "hi""#, #"back\slash\"#, "*/ int x; /*", "// comment", "??/ ??( ??)", "%s%n", "line\nbreak\r\ttab", "数字 é",
    "\u{202e}turned", "octal\u{1}7", "", "\\", "a\"; }",
  ]

  @Test func classNamesMayHoldAnything() throws {
    let names = Self.hostileNames, model = smallModel(smallNetwork(classes: names.count), names: names)
    let main = """
      #include <stdio.h>
      #include <string.h>
      #include "net.h"
      int main(void) {
        for (int k = 0; k < NET_CLASSES; k++) fwrite(net_class_names[k], strlen(net_class_names[k]) + 1, 1, stdout);
        return 0;
      }

      """
    for compiler in CCompiler.all {
      let output = try CReader(model, compiler: compiler, main: main).output()
      let found = output.split(separator: 0, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      #expect(found == names + [""])
    }
    let network = try CNetwork(model, name: "net")
    for text in [network.header(named: "net.h"), network.source(named: "net.c", header: "net.h")] {
      #expect(text.utf8.allSatisfy { $0 < 0x80 }, "any compiler reads ASCII")
    }
  }

  /// What generated code also is: pedantic C, a header for C++, lines that fit.
  @Test(arguments: CellKind.allCases)
  func theTextIsClean(cell: CellKind) throws {
    let folder = try TemporaryFolder()
    let model = smallModel(smallNetwork(cell, layers: 2, inputs: 9), temperatures: [1, 2])
    for weights in CNetwork.Weights.allCases {
      let network = try CNetwork(model, name: "Net_2", weights: weights)
      try network.write(to: folder.url.appending(path: "my net.c"))
      for compiler in CCompiler.all {
        try compiler.compile(
          ["-pedantic", "-Wshadow", "-Wdouble-promotion", "-Wcast-qual", "-c", "my net.c"], in: folder.url)
        try compiler.compile(["-x", "c", "-fsyntax-only", "my net.h"], in: folder.url)
      }
      let text = network.header(named: "my net.h") + network.source(named: "my net.c", header: "my net.h")
      for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        #expect(line.count <= 120 && line.last != " ", "\(line)")
      }
      #expect(!text.contains("\n\n\n"))
    }
  }

  /// A program in C++ finds the functions by the header.
  @Test func cPlusPlusMayAskToo() throws {
    let folder = try TemporaryFolder()
    try CNetwork(smallModel(smallNetwork()), name: "net").write(to: folder.url.appending(path: "net.c"))
    let main = """
      #include "net.h"
      int main() {
        net_state state;
        float features[NET_FEATURES] = {}, probabilities[NET_CLASSES];
        net_reset(&state);
        net_step(&state, features, probabilities);
        net_logits(&state, probabilities);
        return net_class_names[0][0] == '0' ? 0 : 1;
      }

      """
    try Data(main.utf8).write(to: folder.url.appending(path: "main.cpp"))
    try Data().write(to: folder.url.appending(path: "empty.cpp"))
    for compiler in CCompiler.all {
      // Some have no C++ beside them.
      guard try run(compiler.path, ["-fsyntax-only", "empty.cpp"], in: folder.url).0 == 0 else { continue }
      try compiler.compile(["-c", "net.c"], in: folder.url)
      let flags = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-o", "asks"]
      let (status, output) = try run(compiler.path, flags + ["main.cpp", "net.o", "-lm"], in: folder.url)
      try #require(status == 0, "\(compiler.path): \(String(decoding: output, as: UTF8.self).prefix(2000))")
      #expect(try run(folder.url.appending(path: "asks").path, [], in: folder.url).0 == 0)
    }
  }

  @Test func sizesAreThoseOfTheProgram() throws {
    for (weights, layers, inputs) in [(CNetwork.Weights.float32, 1, 3), (.int8, 2, 9)] {
      let model = smallModel(smallNetwork(.layerNormLSTM, layers: layers, inputs: inputs), temperatures: [1])
      let main = """
        #include <stdio.h>
        #include "net.c"
        int main(void) {
          printf("%d\\n", (int)sizeof(net_state));
          return 0;
        }

        """
      let folder = try TemporaryFolder(), network = try CNetwork(model, name: "net", weights: weights)
      try network.write(to: folder.url.appending(path: "net.c"))
      try Data(main.utf8).write(to: folder.url.appending(path: "main.c"))
      try CCompiler.all[0].compile(["-o", "sizes", "main.c", "-lm"], in: folder.url)
      let output = try run(folder.url.appending(path: "sizes").path, [], in: folder.url).1
      #expect(String(decoding: output, as: UTF8.self) == "\(network.stateBytes)\n")
      // 9 gains, 5 biases and 4 of an input layer for each of 5 units, with mean and scale of features and a temperature.
      let units = layers * 18 * 5 + 2 * inputs + 1
      let expected =
        weights == .float32
        ? 4 * (units + 20 * (3 + 5) + 4 * (5 + 1))
        : 4 * (units + 5 + 4) + 9 * 5 + 2 * 20 * 10 + 4 * 5 + 4 * (5 + 4 * 20 + 4)
      #expect(network.constantBytes == expected)
    }
  }
}
