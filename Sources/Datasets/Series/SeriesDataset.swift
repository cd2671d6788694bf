/// One's own sequences, in two parts.
public struct SeriesDataset: Sendable {
  /// What is learned from.
  public let train: LabeledSequences
  /// What is examined on.
  public let test: LabeledSequences
  /// All classes, in the order in which the files declare them or else by name; `nil` where a number is asked for.
  public let classes: [String]?

  /// Two parts that fit each other.
  ///
  /// - Throws: `DatasetError.malformed` where they do not, or where there are no targets, or others than were asked for.
  init(train: LabeledSequences, test: LabeledSequences, source: SeriesSource) throws(DatasetError) {
    let testFile = source.test ?? source.train
    guard train.features == test.features else {
      throw .malformed(
        "\(testFile): \(test.features) features at each step, but \(source.train) has \(train.features)")
    }
    try train.checkTargets(asksForNumber: source.asksForNumber, source.train)
    try test.checkTargets(asksForNumber: source.asksForNumber, testFile)
    self.train = train
    self.test = test
    guard case .labels(let labels) = train.targets else {
      classes = nil
      return
    }
    let learned = Set(labels)
    let classes = train.declaredClasses ?? learned.sorted(by: isInNaturalOrder)
    guard classes.count >= 2 else {
      throw .malformed(
        "\(source.train): all sequences are of class \(classes.first ?? ""); expected at least two classes")
    }
    try test.checkClasses(classes, of: source.train, testFile)
    self.classes = classes
  }

  /// What is asked about each sequence: its class, or a number on the scale of those of `rows` of the training set.
  public func target(learnedFrom rows: [Int]) -> SequenceTarget {
    if let classes { return .classes(classes) }
    guard case .numbers(let all) = train.targets else { return .number(mean: 0, deviation: 1) }
    let numbers = rows.map { Double(all[$0]) }, count = Double(max(1, numbers.count))
    let mean = numbers.reduce(0, +) / count
    let deviation = Float((numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot())
    return .number(mean: Float(mean), deviation: deviation.isNormal ? deviation : 1)
  }

  /// The class of each training sequence, counted from 0; none where a number is asked for.
  public var trainingLabels: [Int] {
    guard let classes, case .labels(let labels) = train.targets else { return [] }
    return classNumbers(of: labels, among: classes)
  }
}

extension LabeledSequences {
  /// - Throws: `DatasetError.malformed` unless there are targets of the kind that is asked for, and labels only of classes that
  ///   the training file has.
  func check(
    asksForNumber: Bool, classes: [String], of trainingFile: String, _ file: String
  ) throws(DatasetError) {
    try checkTargets(asksForNumber: asksForNumber, file)
    try checkClasses(classes, of: trainingFile, file)
  }

  fileprivate func checkClasses(_ classes: [String], of trainingFile: String, _ file: String) throws(DatasetError) {
    guard case .labels(let labels) = targets, let strange = labels.first(where: { !classes.contains($0) }) else {
      return
    }
    throw .malformed(
      file == trainingFile
        ? "\(file): class \(strange), which is none of those that were learned"
        : "\(file): class \(strange), which \(trainingFile) does not have")
  }

  /// - Throws: `DatasetError.malformed` unless there are targets of the kind that is asked for.
  fileprivate func checkTargets(asksForNumber: Bool, _ file: String) throws(DatasetError) {
    switch (targets, asksForNumber) {
    case (.labels, false), (.numbers, true): return
    case (.labels, true):
      throw .malformed("\(file): its sequences have classes, but numbers to be estimated were asked for")
    case (.numbers, false):
      throw .malformed("\(file): its sequences have numbers to be estimated; train with --regression")
    case (.none, _):
      throw .malformed("\(file): its sequences have no targets, so that nothing can be learned from them")
    }
  }
}
