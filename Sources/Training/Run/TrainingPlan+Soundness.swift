import Datasets

extension TrainingPlan {
  /// - Throws: `TrainingError.tooManyBlankSteps`, `.stepBeyondEnd`, `.needsImages`, `.needsOneLength` or `.needsClasses` if the
  ///   plan is for other sequences than these.
  func check(suits data: SequenceData) throws(TrainingError) {
    try checkSteps(ofLongest: data.steps)
    if distortion != nil && data.input.images == nil { throw .needsImages("distortion (--shift and the like)") }
    if blankFront ?? 0 > 0 && data.lengths != nil { throw .needsOneLength("--blank-front") }
    if data.labels.isEmpty {
      if let classWeights, classWeights != .even { throw .needsClasses("--class-weights \(classWeights.rawValue)") }
      if let labelSmoothing, labelSmoothing > 0 { throw .needsClasses("--label-smoothing \(labelSmoothing)") }
    }
  }

  /// - Throws: `TrainingError.tooManyBlankSteps` or `.stepBeyondEnd` if the plan needs more steps than the longest sequence
  ///   has.
  func checkSteps(ofLongest steps: Int) throws(TrainingError) {
    if let count = blankFront, !(0..<steps).contains(count) { throw .tooManyBlankSteps(count: count, steps: steps) }
    if let step = stepWeights?.lastChosen, step > steps { throw .stepBeyondEnd(step: step, steps: steps) }
  }

  /// Whether a run of this plan can be carried out: what is read from a file must not trap later.
  func isSound(for data: DataIdentity) -> Bool {
    // Products of two numbers up to this can be counted.
    let limit = Int(Int32.max)
    let sizes = [hiddenSize, layers, epochs, batchSize, data.sequences, data.steps, data.features]
    return sizes.allSatisfy { (1...limit).contains($0) } && (0..<data.sequences).contains(validationCount)
      && learningRate > 0 && learningRate.isFinite && weightDecay.map { $0 >= 0 && $0.isFinite } ?? true
      && maxGradientNorm.map { $0 > 0 } ?? true
      && folds.map { (2...data.sequences).contains($0) && validationCount == 0 } ?? true
      && rememberedSteps.map { (3...limit).contains($0) } ?? true
      && [labelSmoothing, teacherShare].allSatisfy { $0.map { (0...1).contains($0) } ?? true }
      && distortion?.isSound ?? true && (0..<data.steps).contains(blankFront ?? 0)
      && stepWeights?.lastChosen.map { $0 <= data.steps } ?? true
      && [weightAveraging, dropout, recurrentDropout].allSatisfy { $0.map { (0..<1).contains($0) } ?? true }
  }
}
