import Foundation
import Interchange
import TestSupport
import Testing

/// A network as C, compiled and linked with a program that reads steps.
final class CReader {
  let folder = try? TemporaryFolder()
  private let compiler: CCompiler
  private let model: PortableModel
  private let directory: URL

  init(
    _ model: PortableModel, weights: CNetwork.Weights = .float32, compiler: CCompiler, main: String = CReader.main,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    self.model = model
    self.compiler = compiler
    directory = try #require(folder).url
    try CNetwork(model, name: "net", weights: weights).write(to: directory.appending(path: "net.c"))
    try Data(main.utf8).write(to: directory.appending(path: "main.c"))
    try compiler.compile(["-o", "reader", "main.c", "net.c", "-lm"], in: directory, at: location)
  }

  /// What the program writes.
  func output(_ input: Data = Data()) throws -> Data {
    let (status, output) = try run(directory.appending(path: "reader").path, [], input: input, in: directory)
    try #require(status == 0)
    return output
  }

  /// The outputs after each step, [steps][outputs]; `resets` are the steps before which there is a reset.
  func read(_ steps: [[Float]], resets: Set<Int> = [0]) throws -> [[Float]] {
    let records: [Float] = steps.enumerated().flatMap { index, step in [resets.contains(index) ? 1 : 0] + step }
    let output = try output(records.withUnsafeBytes { Data($0) })
    let outputs = model.network.classes
    try #require(output.count == 4 * outputs * steps.count)
    let floats = output.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    return steps.indices.map { Array(floats[$0 * outputs..<($0 + 1) * outputs]) }
  }

  /// Reads records of a number that says whether to begin anew, and raw features; writes outputs.
  static let main = """
    #include <stdio.h>
    #include "net.h"
    #ifndef NET_CLASSES
    #define NET_CLASSES NET_OUTPUTS
    #endif
    int main(void) {
      static net_state state;
      float record[1 + NET_FEATURES], outputs[NET_CLASSES];
      while (fread(record, sizeof record, 1, stdin) == 1) {
        if (record[0] != 0.0f) net_reset(&state);
        net_step(&state, record + 1, outputs);
        fwrite(outputs, sizeof outputs, 1, stdout);
      }
      return 0;
    }

    """
}

/// The largest difference between two tables of numbers of one shape.
func largestDifference(
  _ a: [[Float]], _ b: [[Float]], at location: SourceLocation = #_sourceLocation
) throws -> Float {
  try #require(a.map(\.count) == b.map(\.count) && !a.isEmpty, sourceLocation: location)
  return zip(a.joined(), b.joined()).map { abs($0 - $1) }.reduce(0) { $0.isNaN || $1.isNaN ? .nan : max($0, $1) }
}
