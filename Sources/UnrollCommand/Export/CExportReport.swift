import Foundation
import Unroll

/// What was written as C, and what it costs.
struct CExportReport: Encodable {
  private struct File: Encodable {
    let path: String
    let bytes: Int
  }
  /// Accuracies by step, with weights of 32 bits and of 8.
  private struct Accuracies: Encodable {
    let float32, int8: [StepAccuracy]
  }

  private let files: [File]
  private let name: String
  private let weights: CNetwork.Weights
  /// In a compiled program, and of a state.
  private let constantBytes, stateBytes: Int
  private let accuracies: Accuracies?
  /// Why there are no accuracies, where there could be.
  private let notMeasured: String?
  private let stepNames: String

  private enum CodingKeys: String, CodingKey {
    case files, name, weights
    case constantBytes = "constant_bytes"
    case stateBytes = "state_bytes"
    case accuracies = "steps"
    case notMeasured = "not_measured"
  }

  /// A report on files that are there, with what rounding cost if there was any.
  init(_ network: CNetwork, at source: URL, cost: RoundingCost?) throws {
    files = try [CNetwork.header(of: source), source].map { url in
      let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
      return File(path: url.relativePath, bytes: attributes[.size] as? Int ?? 0)
    }
    name = network.name
    weights = network.weights
    constantBytes = network.constantBytes
    stateBytes = network.stateBytes
    switch cost {
    case .measured(let before, let after, let names):
      accuracies = Accuracies(float32: before, int8: after)
      notMeasured = nil
      stepNames = names
    case .unknown(let reason):
      accuracies = nil
      notMeasured = reason
      stepNames = ""
    case nil:
      (accuracies, notMeasured, stepNames) = (nil, nil, "")
    }
  }

  /// For people.
  func text(_ terminal: Terminal) -> String {
    let written = files.map { "\($0.path) (\(grouped($0.bytes)) bytes)" }.joined(separator: ", ")
    var text = """
      Written: \(written)
      In a program: \(grouped(constantBytes)) bytes of constants, \(grouped(stateBytes)) of each state.

      """
    if let notMeasured { text += "What 8 bits cost was not measured: \(notMeasured).\n" }
    if let accuracies { text += "\n\(table(accuracies).text(style: terminal.style))\n" }
    return text
  }

  private func table(_ accuracies: Accuracies) -> TextTable {
    var table = TextTable(header: [stepNames, "accuracy", "with 8 bits", "difference"])
    for step in shownCounts(upTo: accuracies.float32.count) {
      let (before, after) = (accuracies.float32[step - 1].accuracy, accuracies.int8[step - 1].accuracy)
      table.append([
        String(step), percent(before), percent(after), String(format: "%+.2f", 100 * (after - before)),
      ])
    }
    return table
  }
}
