import Foundation
import Unroll

/// Finds the series that the command line names. The test set is read only if a number asks for it.
struct SeriesInput {
  private let model: TrainedModel
  private let preprocessing: SeriesPreprocessing
  private let data: String?
  private let hasLabels: Bool
  private let hasHeader: Bool?
  private var testSet: LabeledSequences?
  private var files: [String: LabeledSequences] = [:]

  /// The series for `model`.
  ///
  /// - Parameters:
  ///   - model: What is to read them.
  ///   - preprocessing: What is done to them before.
  ///   - data: Where the data set is, instead of the place where it was.
  ///   - hasLabels: Whether separated values have a column with what they are to be answered with.
  ///   - hasHeader: Whether their first line names the columns; `nil`: as in training.
  init(
    model: TrainedModel, _ preprocessing: SeriesPreprocessing, data: String?, hasLabels: Bool,
    hasHeader: Bool?
  ) {
    self.model = model
    self.preprocessing = preprocessing
    self.data = data
    self.hasLabels = hasLabels
    self.hasHeader = hasHeader
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
    var source = model.source ?? SeriesSource(train: path)
    var format = source.csvFormat
    if !hasLabels { format.target = .none }
    if let hasHeader { format.hasHeader = hasHeader }
    source.csv = format
    let sequences = try source.sequences(of: path)
    // Where no column is named so, the last is taken for the classes; it may be a value.
    if SeriesSource.isTable(path) {
      try sequences.checkClasses(
        suit: model.target, of: path, advice: "; if there is no column with classes, say --no-labels")
    }
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
