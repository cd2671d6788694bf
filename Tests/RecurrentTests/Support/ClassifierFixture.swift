import Recurrent
import Tensors
import _Differentiation

/// `classifier.json`: forward, gradients and five optimizer steps of the whole model.
struct ClassifierFixture: Decodable {
  let cases: [Case]

  struct Case: Decodable, Sendable, CustomStringConvertible {
    let name: String
    let parameters: [String: FixtureTensor]
    let input: FixtureTensor
    let labels: [Int32]
    let hidden, logits: FixtureTensor
    let finalCell: FixtureTensor
    let loss: Double
    let gradients: [String: FixtureTensor]
    let optimizers: [OptimizerRun]

    enum CodingKeys: String, CodingKey {
      case name, parameters, input, labels, hidden, logits, loss, gradients, optimizers
      case finalCell = "final_cell"
    }

    var description: String { name }
  }

  struct OptimizerRun: Decodable, Sendable {
    let name: String
    let settings: Settings
    let steps: [Step]

    struct Settings: Decodable, Sendable {
      let lr: Float
      let betas: [Float]?
      let eps, momentum: Float?
      let weightDecay, maxNorm: Float?
      let nesterov: Bool?

      enum CodingKeys: String, CodingKey {
        case lr, betas, eps, momentum, nesterov
        case weightDecay = "weight_decay"
        case maxNorm = "max_norm"
      }
    }

    struct Step: Decodable, Sendable {
      let loss: Double
      let gradientNorm: Double?
      let parameters: [String: FixtureTensor]

      enum CodingKeys: String, CodingKey {
        case loss, parameters
        case gradientNorm = "gradient_norm"
      }
    }
  }
}

extension ClassifierFixture.Case {
  /// The model with the case's parameters.
  func model(foldsInput: Bool) throws -> SequenceClassifier {
    func parameter(_ name: String) throws -> Tensor {
      guard let tensor = parameters[name] else { throw MissingParameter(name: name) }
      return tensor.tensor()
    }
    return SequenceClassifier(
      input: Linear(weight: try parameter("input.weight"), bias: try parameter("input.bias")),
      layers: [
        SequenceLayer(
          .lstm, weightIH: try parameter("lstm.weight_ih_l0"), weightHH: try parameter("lstm.weight_hh_l0"),
          bias: try parameter("lstm.bias_ih_l0"))
      ],
      head: Linear(weight: try parameter("head.weight"), bias: try parameter("head.bias")), foldsInput: foldsInput)
  }

  /// The loss that the case is about, and its gradient.
  func lossAndGradient(of model: SequenceClassifier) -> (loss: Tensor, gradient: SequenceClassifier.TangentVector) {
    let input = input.tensor(), labels = Tensor(labels)
    let (loss, gradient) = valueWithGradient(at: model) {
      softmaxCrossEntropy(logits: $0(input), labels: labels)
    }
    return (loss, gradient)
  }
}

struct MissingParameter: Error {
  let name: String
}
