@testable import InterchangeONNX
import Unroll

extension Parser {
  static let onnx = Parser(
    name: "onnx",
    seeds: CellKind.allCases.filter { $0 != .layerNormLSTM }.map { cell in
      do {
        return try ONNXGraph(someModel(cell), takesLengths: cell != .rnn).encoded()
      } catch {
        fatalError("\(cell): \(error)")
      }
    },
    words: [
      "LSTM", "GRU", "RNN", "Constant", "Identity", "Add", "Sub", "Mul", "Div", "MatMul", "Gemm", "Softmax",
      "LogSoftmax", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Gather", "Concat", "Shape", "Slice", "Cast", "Min",
      "Expand", "ConstantOfShape", "axis", "axes", "perm", "transB", "transA", "alpha", "hidden_size", "direction",
      "bidirectional", "forward", "activations", "Tanh", "Relu", "Sigmoid", "input_forget", "linear_before_reset",
      "layout", "clip",
      "sequences", "lengths", "logits", "unroll.classes", "unroll.model",
    ]
  ) { bytes in
    refusingModel {
      let graph = try ONNXGraph(encoded: bytes, path: "name")
      let network: ONNXNetwork
      do throws(ONNXRefusal) {
        network = try graph.network()
      } catch {
        throw ONNXError(error, path: "name")
      }
      check(network.classifierWithScaling)
      _ = try network.model(path: "name")
    }
  }
}
