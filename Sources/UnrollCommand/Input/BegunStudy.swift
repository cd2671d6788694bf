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
  /// The instructions it was begun with; others round differently.
  let instructionSet: InstructionSet

  private enum CodingKeys: String, CodingKey {
    case dataset, study, data
    case instructionSet = "instruction_set"
  }
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
  /// - Throws: `InputError.unfit` or `FileError` if a line is not such a network, or a contestant's all diverged.
  func trials(of study: CeilingDesign) throws -> [CeilingTrial] {
    let trials = try readText(ceilingTrials.path).split(separator: "\n").enumerated().map { index, line in
      guard let trial = try? JSONText.decode(CeilingTrial.self, from: String(line)), study.admits(trial) else {
        throw InputError.unfit("\(ceilingTrials.relativePath): line \(index + 1) is not a network of this study")
      }
      return trial
    }
    if let contestant = study.hopeless(among: trials) {
      throw InputError.unfit(
        """
        \(ceilingTrials.relativePath): training of \(contestant.rawValue) diverged with every learning rate, so that nothing \
        can be compared with it; begin a new study with lower --learning-rates
        """)
    }
    return trials
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
      guard model.input == data.input, model.classNames == data.classNames else {
        throw InputError.unfit("\(file.relativePath): a network of other images or classes than this study's")
      }
      networks[contestant] = model.classifier
    }
    return networks
  }
}
