import Foundation
import Unroll

/// Finds the series that the command line names. The test set is read only if a number asks for it.
struct SeriesInput {
  private let model: TrainedModel
  private let preprocessing: SeriesPreprocessing
  private let data: String?
  private var testSet: LabeledSequences?
  private var files: [String: LabeledSequences] = [:]

  init(model: TrainedModel, _ preprocessing: SeriesPreprocessing, data: String?) {
    self.model = model
    self.preprocessing = preprocessing
    self.data = data
  }

  /// The sequences that a name stands for, and what each is called.
  ///
  /// - Throws: `DatasetError`, or `InputError.unfit` if there are none of that number, or others than the model reads.
  mutating func sequences(of name: String) throws -> (names: [String], LabeledSequences) {
    if let index = Int(name) {
      let test = try testSet ?? ModelData(of: model, from: data).series(.test)
      testSet = test
      return ([name], try item(index, of: test, named: "the test set"))
    }
    if let mark = name.lastIndex(of: "#"), let index = Int(name[name.index(after: mark)...]) {
      let path = String(name[..<mark])
      return ([name], try item(index, of: try file(path), named: path))
    }
    let sequences = try file(name)
    return ((0..<sequences.count).map { "\(name)#\($0)" }, sequences)
  }

  private mutating func file(_ path: String) throws -> LabeledSequences {
    if let known = files[path] { return known }
    let source = model.source ?? SeriesSource(train: path)
    let sequences = try source.sequences(of: path)
    try sequences.checkFeatures(suit: preprocessing, of: path)
    files[path] = sequences
    return sequences
  }

  private func item(_ index: Int, of sequences: LabeledSequences, named name: String) throws -> LabeledSequences {
    guard (0..<sequences.count).contains(index) else {
      throw InputError.unfit("sequence \(index) of \(name): there are \(sequences.count), numbered from 0")
    }
    return sequences.selecting([index])
  }
}
