import Foundation
import Unroll

/// What goes on inside a model while it reads one image: as data here, as text, page and poster in files of their own.
struct InspectReport {
  let trace: Trace
  /// The image as the command line names it.
  let image: String
  /// The right class, if it is known.
  let label: String?
  let classNames: [String]
  let preprocessing: Preprocessing

  /// Reads the image with these `pixels`, whose right class is number `label`.
  init(
    of model: TrainedModel, _ preprocessing: Preprocessing, reading pixels: [UInt8], named image: String, label: UInt8?
  ) {
    self.preprocessing = preprocessing
    let one = LabeledImages(
      height: preprocessing.height, width: preprocessing.width, pixels: pixels, labels: [label ?? 0])
    let sequence = SequenceData(one, preprocessing, on: model.classifier.device).batch([0]).sequences
    trace = model.classifier.trace(sequence.selected(0, alongAxis: 0), temperatures: model.temperatures)
    self.image = image
    self.label = label.map { model.classNames[Int($0)] }
    classNames = model.classNames
  }

  var view: SequenceView { preprocessing.view }

  /// What the model says after the last step.
  var answer: String { classNames[trace.answer] }

  /// The probability of each class after each step.
  var beliefs: [[Float]] { trace.probabilities.rows }

  /// The most probable class after each step.
  var answers: [Int] { beliefs.map { belief in belief.indices.max { belief[$0] < belief[$1] } ?? 0 } }

  /// How sure the model is of its answer at the end.
  var probability: Float { beliefs[trace.steps - 1][trace.answer] }

  /// The image in words: "Test image 7".
  var imageName: String { Int(image) == nil ? URL(fileURLWithPath: image).lastPathComponent : "Test image \(image)" }

  /// What the model says at the end, and whether that is right if it is known.
  var verdict: String {
    let said = "\(answer) (\(percent(Double(probability))))"
    guard let label else { return said }
    return said + (label == answer ? ", which is right" : "; right would be \(label)")
  }

  /// Numbers at the features of every step as they lie in the picture, row by row. Where a pixel is read more than once,
  /// they are added, or the last one counts.
  func pictured(_ values: [[Float]], adds: Bool) -> [[Double]] {
    let layout = preprocessing.layout
    var picture = [[Double]](
      repeating: [Double](repeating: .nan, count: preprocessing.width), count: preprocessing.height)
    for (step, row) in values.enumerated() {
      for (feature, value) in row.enumerated() {
        guard let pixel = layout.position(step: step, feature: feature) else { continue }
        let (y, x) = (pixel / preprocessing.width, pixel % preprocessing.width), before = picture[y][x]
        picture[y][x] = adds && !before.isNaN ? before + Double(value) : Double(value)
      }
    }
    return picture
  }
}

extension Tensor {
  /// The rows of a matrix.
  var rows: [[Float]] {
    let values = floats, width = shape[1]
    return (0..<shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
  }
}

// MARK: - As data

extension InspectReport: Encodable {
  private struct Step: Encodable {
    let step: Int
    let answer: String
    let probabilities, logits: [Float]
    let gradientNorm, contribution: Float

    enum CodingKeys: String, CodingKey {
      case step, answer, probabilities, logits, contribution
      case gradientNorm = "gradient_norm"
    }
  }

  private struct Layer: Encodable {
    let cell: CellKind
    let unitsByPeak: [Int]
    let signals: [Signal]

    enum CodingKeys: String, CodingKey {
      case cell, signals
      case unitsByPeak = "units_by_peak"
    }
  }

  private struct Signal: Encodable {
    let name, symbol, equation, meaning: String
    let role: Trace.Quantity.Role
    let range: Trace.Quantity.Range
    let values: [[Float]]
  }

  private enum CodingKeys: String, CodingKey {
    case image, label, answer, probability, view, classes, steps, input, gradient, layers
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(image, forKey: .image)
    try container.encodeIfPresent(label, forKey: .label)
    try container.encode(answer, forKey: .answer)
    try container.encode(probability, forKey: .probability)
    try container.encode(view, forKey: .view)
    try container.encode(classNames, forKey: .classes)
    try container.encode(trace.input.rows, forKey: .input)
    try container.encode(trace.gradient.rows, forKey: .gradient)
    let logits = trace.logits.rows, norms = trace.gradientNorms, contributions = trace.contributions
    let steps = zip(beliefs, answers).enumerated().map { index, belief in
      Step(
        step: index + 1, answer: classNames[belief.1], probabilities: belief.0, logits: logits[index],
        gradientNorm: norms[index], contribution: contributions[index])
    }
    try container.encode(steps, forKey: .steps)
    let layers = trace.layers.map { layer in
      Layer(
        cell: layer.kind, unitsByPeak: layer.unitsByPeak.positive + layer.unitsByPeak.negative,
        signals: layer.signals.map { signal in
          let quantity = signal.quantity
          return Signal(
            name: quantity.name, symbol: quantity.symbol, equation: quantity.equation, meaning: quantity.meaning,
            role: quantity.role, range: quantity.range, values: signal.values.rows)
        })
    }
    try container.encode(layers, forKey: .layers)
  }
}
