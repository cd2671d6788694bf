import Datasets
import Recurrent
import Tensors

/// A trained network whose answers another learns from, instead of the labels or besides them: knowledge distillation
/// (Hinton, Vinyals & Dean 2015, "Distilling the knowledge in a neural network"). A label is one draw from what a sequence
/// may be; after a few steps that can be much, and a larger network's probabilities say how much.
public struct Teacher: Sendable {
  /// Who is asked: as often as the plan asks the network that learns.
  public let network: SequenceClassifier
  /// What the logits after each step are divided by, so that probabilities are credible; see `TrainedModel.temperatures`.
  /// `nil`: nothing.
  public let temperatures: [Float]?

  /// A trained network as a teacher.
  ///
  /// - Parameters:
  ///   - network: It reads what the network that learns does, and knows the same classes.
  ///   - temperatures: Those after the first steps, above 0; after later ones the last counts.
  public init(_ network: SequenceClassifier, temperatures: [Float]? = nil) {
    precondition(
      temperatures.map { !$0.isEmpty && $0.allSatisfy { $0 > 0 } } ?? true,
      "temperatures \(temperatures ?? []), not all above 0")
    self.network = network
    self.temperatures = temperatures
  }

  /// What the answers to a question about a batch should be: the teacher's probabilities, mixed with the labels.
  ///
  /// - Parameters:
  ///   - question: What is asked.
  ///   - batch: What it is about; with classes.
  ///   - share: How much of a target is the teacher's, 0…1.
  ///   - labelSmoothing: The share of the label's part that is spread over all classes.
  /// - Returns: [batch, classes] or [batch, steps, classes]
  func targets(for question: Question, about batch: SequenceBatch, share: Float, labelSmoothing: Float) -> Tensor {
    let logits = network.outputs(asked: question, batch.sequences, masks: nil)
    let (sequences, classes) = (logits.shape[0], logits.shape[logits.rank - 1]), rows = logits.count / classes
    let scale = temperatures.map { inverses(of: $0, for: question, about: batch) }
    let probabilities = softmax((scale.map { logits * $0 } ?? logits).reshaped(to: [rows, classes]))
    if share == 1 { return probabilities.reshaped(to: logits.shape) }
    let rest = 1 - share, smoothed = rest * labelSmoothing / Float(classes)
    var targets = probabilities.floats.map { $0 * share + smoothed }
    for (sequence, label) in batch.targets.elements(as: Int32.self).enumerated() {
      for row in sequence * rows / sequences..<(sequence + 1) * rows / sequences {
        targets[row * classes + Int(label)] += rest * (1 - labelSmoothing)
      }
    }
    return Tensor(targets, shape: logits.shape, on: logits.device)
  }

  /// What the logits are multiplied with: [steps, 1], or [batch, 1] where sequences are asked about once.
  private func inverses(of temperatures: [Float], for question: Question, about batch: SequenceBatch) -> Tensor {
    let (count, steps) = (batch.sequences.shape[0], batch.sequences.shape[1])
    let asked =
      question.isAskedOnce ? question.lengths ?? [Int](repeating: steps, count: count) : Array(1...steps)
    let inverses = asked.map { 1 / temperatures[min($0, temperatures.count) - 1] }
    return Tensor(inverses, shape: [inverses.count, 1], on: batch.sequences.device)
  }
}

extension Teacher {
  /// A trained model as a teacher, its probabilities calibrated.
  public init(_ model: TrainedModel) { self.init(model.classifier, temperatures: model.temperatures) }
}

extension Teacher? {
  /// - Throws: `TrainingError.needsTeacher` if the plan has a share for a teacher and there is none.
  /// - Precondition: The plan has a share for one that there is, and it knows as many classes as are to be learned from
  ///   what it reads.
  func check(suits plan: TrainingPlan, _ data: SequenceData, outputs: Int) throws(TrainingError) {
    guard let teacher = self else {
      if let share = plan.teacherShare { throw .needsTeacher(share: share) }
      return
    }
    precondition(plan.teacherShare != nil, "a teacher for a plan that has no share for one")
    precondition(
      !data.labels.isEmpty && (teacher.network.inputSize, teacher.network.classes) == (data.features, outputs),
      """
      a teacher of \(teacher.network.inputSize) features and \(teacher.network.classes) classes for sequences of \
      \(data.features) features\(data.labels.isEmpty ? " with numbers" : ""), \(outputs) outputs
      """)
  }
}
