import Foundation
import Unroll

/// What the `config.json` of a study says to one who goes on with it.
struct BegunStudy: Decodable {
  /// A known name, or a folder's absolute path.
  let dataset: String
  /// What is compared.
  let study: CeilingDesign
  /// The training set.
  let data: DataIdentity
}

extension RunFolder {
  /// The study that was begun here.
  ///
  /// - Throws: `InputError` or `FileError` if there is none, or its configuration is damaged.
  func begunStudy() throws -> BegunStudy {
    let text = try readText(configuration.path)
    guard let begun = try? JSONText.decode(BegunStudy.self, from: text), begun.study.isSound(for: begun.data) else {
      throw InputError.unfit("\(configuration.relativePath): not the configuration of a study")
    }
    return begun
  }

  /// The networks that were trained in a study so far.
  ///
  /// - Throws: `InputError.unfit` or `FileError` if a line is not such a network.
  func trials(of study: CeilingDesign) throws -> [CeilingTrial] {
    try readText(ceilingTrials.path).split(separator: "\n").enumerated().map { index, line in
      guard let trial = try? JSONText.decode(CeilingTrial.self, from: String(line)), study.admits(trial) else {
        throw InputError.unfit("\(ceilingTrials.relativePath): line \(index + 1) is not a network of this study")
      }
      return trial
    }
  }

  /// The best network of each contestant so far.
  ///
  /// - Throws: `InputError.unfit`, or what reading a model throws, if one is missing or not of this study.
  func networks(
    of study: CeilingDesign, after trials: [CeilingTrial], reading data: RunData
  ) throws -> [CeilingContestant: SequenceClassifier] {
    var networks: [CeilingContestant: SequenceClassifier] = [:]
    for contestant in study.contestants where study.chosen(contestant, among: trials) != nil {
      let file = model(of: contestant)
      let model = try TrainedModel(contentsOf: file, on: data.train.device)
      guard model.preprocessing == data.preprocessing, model.classNames == data.classNames else {
        throw InputError.unfit("\(file.relativePath): a network of other images or classes than this study's")
      }
      networks[contestant] = model.classifier
    }
    return networks
  }
}

/// The text of a file.
///
/// - Throws: `FileError` if it cannot be read or is not a regular file.
func readText(_ path: String) throws(FileError) -> String {
  let file = try OpenFile(path, flags: O_RDONLY, for: .open)
  let status = try file.status()
  guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(.open, path: path, reason: .notARegularFile) }
  return String(decoding: try file.read(count: Int(status.st_size), at: 0), as: UTF8.self)
}
