import Datasets
import Recurrent
import Tensors
import Training

extension ONNXGraph {
  /// What texts of a file are called.
  package enum MetadataKey {
    /// Names of classes, and what logits are divided by after each step, as JSON lists.
    package static let classes = "unroll.classes"
    package static let temperatures = "unroll.temperatures"
  }

  /// The graph of a model, with all that a model file says about it among its texts.
  ///
  /// - Throws: `ONNXError.noOperator` if it is of cells that ONNX does not know.
  package init(_ model: TrainedModel, takesLengths: Bool = true) throws {
    var metadata = try model.metadata()
    metadata[MetadataKey.classes] = try JSONText.encode(model.classNames)
    metadata[MetadataKey.temperatures] = try model.temperatures.map { try JSONText.encode($0) }
    try self.init(
      model.classifier, scaling: model.featureScaling, givesProbabilities: !model.classNames.isEmpty,
      temperatures: model.temperatures, metadata: metadata, takesLengths: takesLengths)
  }

  /// The graph of a network.
  ///
  /// - Parameters:
  ///   - classifier: The network.
  ///   - scaling: What is done to raw features before the network reads them.
  ///   - givesProbabilities: Whether logits are those of classes.
  ///   - temperatures: What logits after each step are divided by on the way to probabilities; after more steps, the last.
  ///   - metadata: Texts for the file.
  ///   - takesLengths: Whether the graph takes the true length of each row.
  /// - Throws: `ONNXError.noOperator` if it is of cells that ONNX does not know.
  package init(
    _ classifier: SequenceClassifier, scaling: FeatureScaling, givesProbabilities: Bool = true,
    temperatures: [Float]? = nil, metadata: [String: String] = [:], takesLengths: Bool = true
  ) throws(ONNXError) {
    guard let standard = classifier.cell.standardOperator else { throw .noOperator(classifier.cell) }
    var builder = GraphBuilder()
    builder.describe(metadata)
    builder.input("sequences", .float, [.named("batch"), .named("steps"), .size(classifier.inputSize)])
    let lengths = takesLengths ? builder.lengths() : nil

    let features = builder.swapBatchAndSteps(builder.scaled("sequences", by: scaling), to: "features_by_step")
    let input = LinearConstants(classifier.input, named: "input", in: &builder)
    let (states, final) = builder.layers(
      of: classifier, reading: builder.linear(features, input, to: "inputs_by_step"), lengths: lengths, as: standard)

    let head = LinearConstants(classifier.head, named: "head", in: &builder)
    let logits = builder.linear(final, head, to: "logits")
    builder.output(logits, [.named("batch"), .size(classifier.classes)])
    if givesProbabilities {
      let calibrated = temperatures.map { builder.divided(logits, by: $0, lengths: lengths) }
      let probabilities = builder.apply("Softmax", calibrated ?? logits, to: "probabilities", ["axis": .integer(-1)])
      builder.output(probabilities, [.named("batch"), .size(classifier.classes)])
    }
    if !classifier.isBidirectional {
      let every = builder.linear(builder.swapBatchAndSteps(states, to: "states"), head, to: "logits_every_step")
      builder.output(every, [.named("batch"), .named("steps"), .size(classifier.classes)])
    }
    self = builder.graph
  }
}
