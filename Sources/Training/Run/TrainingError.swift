/// A run that cannot go on. Its description is one line.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The loss is no number any more.
  case diverged(epoch: Int, step: Int, loss: Float, learningRate: Float)
  /// More sequences to be set apart than there are.
  case tooFewSequences(count: Int, validation: Int)
  /// More parts for cross-validation than there are sequences.
  case tooFewForFolds(count: Int, folds: Int)
  /// Something that is for classes, asked for where a number is to be estimated.
  case needsClasses(String)
  /// A plan in which a teacher has a share of the target, carried out without one.
  case needsTeacher(share: Float)
  /// No sequences set apart where networks are to be chosen by them.
  case noValidation
  /// More blank steps in front of a sequence than it has steps.
  case tooManyBlankSteps(count: Int, steps: Int)
  /// A weight for a step that no sequence has.
  case stepBeyondEnd(step: Int, steps: Int)
  /// Something that only images have done to them, asked for series.
  case needsImages(String)
  /// Something that needs sequences of one length, asked for those of several.
  case needsOneLength(String)
  /// A run resumed with another training set than it began with.
  case otherData(found: DataIdentity, expected: DataIdentity)

  /// What happened, and what to do.
  public var description: String {
    switch self {
    case .diverged(let epoch, let step, let loss, let learningRate):
      """
      training diverged: the loss became \(loss) at step \(step) of epoch \(epoch), with learning rate \(learningRate); \
      try a lower --learning-rate
      """
    case .tooFewSequences(let count, let validation):
      "--validation \(validation): the training set has only \(count) sequences; leave at least one to train on"
    case .tooFewForFolds(let count, let folds):
      "--folds \(folds): the training set has only \(count) sequences"
    case .needsClasses(let what): "\(what): for classes alone; these sequences come with numbers to be estimated"
    case .needsTeacher(let share): "the plan leaves \(share) of the target to a teacher, and there is none"
    case .noValidation:
      """
      --validation 0: the study chooses its networks by their accuracy on validation sequences; set some apart, such as \
      --validation 5000
      """
    case .tooManyBlankSteps(let count, let steps):
      "--blank-front \(count): a sequence has only \(steps) steps; leave at least one of them to read"
    case .stepBeyondEnd(let step, let steps):
      "--step-weights for step \(step): the longest sequence has only \(steps) steps"
    case .needsImages(let what): "\(what): for images alone; these sequences are series of numbers"
    case .needsOneLength(let what): "\(what): for sequences of one length; these have several"
    case .otherData(let found, let expected):
      "the training set is \(found), but the run began with \(expected); resume it with the data that it began with"
    }
  }
}
