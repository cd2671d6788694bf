import Foundation
import Unroll

/// What the `config.json` of a memory study says to one who goes on with it.
struct BegunMemoryStudy: Decodable {
  /// What is compared.
  let memory: MemoryDesign
  /// The instructions it was begun with; others round differently.
  let instructionSet: InstructionSet

  private enum CodingKeys: String, CodingKey {
    case memory
    case instructionSet = "instruction_set"
  }
}

extension RunFolder {
  /// The memory study that was begun here.
  ///
  /// - Throws: `InputError` or `FileError` if there is none, or its configuration is damaged.
  func begunMemoryStudy() throws -> BegunMemoryStudy {
    guard FileManager.default.fileExists(atPath: memoryTrials.path) else {
      throw InputError.missing(
        "\(url.relativePath): no memory study to go on with; a folder with a memory.jsonl was expected")
    }
    let text = try readText(configuration.path)
    guard let begun = try? JSONText.decode(BegunMemoryStudy.self, from: text), begun.memory.isSound else {
      throw InputError.unfit("\(configuration.relativePath): not the configuration of a memory study")
    }
    return begun
  }

  /// The networks that were trained in a memory study so far.
  ///
  /// - Throws: `InputError.unfit` or `FileError` if a line is not such a network.
  func trials(of design: MemoryDesign) throws -> [MemoryTrial] {
    try readText(memoryTrials.path).split(separator: "\n").enumerated().map { index, line in
      guard let trial = try? JSONText.decode(MemoryTrial.self, from: String(line)), design.admits(trial) else {
        throw InputError.unfit("\(memoryTrials.relativePath): line \(index + 1) is not a network of this study")
      }
      return trial
    }
  }
}
