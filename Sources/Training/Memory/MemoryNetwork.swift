import Recurrent
import Tensors
import _Differentiation

/// One recurrent layer that reads a sequence as it is, and a linear layer that answers from its last hidden state.
public struct MemoryNetwork: Differentiable, Sendable {
  /// What reads the sequence.
  public var layer: SequenceLayer
  /// From the last hidden state to the answer.
  public var head: Linear

  /// A network from its layers.
  @differentiable(reverse)
  public init(layer: SequenceLayer, head: Linear) {
    self.layer = layer
    self.head = head
  }

  /// A network with random weights.
  ///
  /// - Parameters:
  ///   - task: What it shall do; it decides the numbers of features and outputs.
  ///   - cell: The recurrent layer's kind.
  ///   - hiddenSize: The size of its state.
  ///   - chronoSteps: Over how many steps its gates shall remember from the start. `nil`: as usual, that is with forget
  ///     biases of 1 in an LSTM.
  ///   - random: Where the values come from.
  ///   - device: Where the parameters are put.
  public init(
    for task: MemoryTask, cell: CellKind, hiddenSize: Int, chronoSteps: Int? = nil, using random: inout RandomGenerator,
    on device: Device = .cpu
  ) {
    let layer = SequenceLayer(cell, inputSize: task.features, hiddenSize: hiddenSize, using: &random, on: device)
    let head = Linear(inputSize: hiddenSize, outputSize: task.outputs, using: &random, on: device)
    self.init(
      layer: chronoSteps.map { layer.rememberingFromTheStart(over: $0, using: &random) } ?? layer, head: head)
  }

  /// The answers to `inputs` [count, steps, features], after the last step: [count, outputs].
  @differentiable(reverse,wrt: (self, inputs))
  @differentiable(reverse,wrt: self)
  public func callAsFunction(_ inputs: Tensor) -> Tensor {
    head(layer(inputs).finalState.hidden)
  }

  /// The error on sequences of a task: the mean squared error, or the share of wrong answers. NaN where an output is none.
  public func error(on batches: [MemorySequences], of task: MemoryTask) -> Double {
    let sum = batches.reduce(0) { $0 + task.errorSum(self($1.inputs), targets: $1.targets) }
    return sum / Double(batches.reduce(0) { $0 + $1.count })
  }
}
