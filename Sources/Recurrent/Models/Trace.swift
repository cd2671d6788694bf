import Tensors

/// Everything that a classifier computes while it reads one sequence, and which of the steps decided its answer.
///
///     let trace = model.trace(sequence)            // sequence: [steps, inputs]
///     trace.layers[0]["forget gate"]?.values       // [steps, hidden]
///     trace.probabilities                          // [steps, classes], after every step
///     trace.gradientNorms                          // [steps], which of them the answer depends on
public struct Trace: Sendable {
  /// What was read, [steps, inputs].
  public let input: Tensor
  /// What each recurrent layer did, from the one that reads the input up.
  public let layers: [Layer]
  /// The logits after every step, divided by the step's temperature if there are any: [steps, classes].
  public let logits: Tensor
  /// The probability of each class after every step, [steps, classes].
  public let probabilities: Tensor
  /// The most probable class after the last step.
  public let answer: Int
  /// What the log-odds of the answer after the last step gain from each number that is read, [steps, inputs]: the
  /// gradient of log p/(1 − p) for the answer's probability p (Simonyan, Vedaldi & Zisserman 2014, with log-odds for the
  /// class score).
  ///
  /// The gradient of log p is this one times 1 − p, and so fades away as the network becomes sure; that of the logit alone
  /// would also show what speaks for every class alike.
  public let gradient: Tensor

  /// What a recurrent layer computed.
  public struct Layer: Sendable {
    /// The kind of the layer's cell.
    public let kind: CellKind
    /// All of it, in the order of the cell's equations: gates, candidate, cell state and hidden state, as far as the
    /// kind has them.
    public let signals: [Signal]

    /// What is called `name`, such as "forget gate"; `nil` if the kind has nothing of that name.
    public subscript(_ name: String) -> Signal? { signals.first { $0.quantity.name == name } }

    /// The gates, in the order of the cell's equations.
    public var gates: [Signal] { signals.filter { $0.quantity.role == .gate } }
    /// What a step would write into the state; `nil` for a plain recurrent network, which writes all of it.
    public var candidate: Signal? { signals.first { $0.quantity.role == .candidate } }
    /// What is remembered besides the hidden state; `nil` for kinds without it.
    public var cellState: Signal? { signals.first { $0.quantity.role == .cellState } }
    /// What is remembered and shown to the layer above.
    public var hiddenState: Signal {
      // Every cell has one, and it comes last.
      signals[signals.count - 1]
    }

    /// The units in an order in which one sees what they do: first those whose state is farthest from zero above it, then
    /// those that are farthest below; within either, by the step at which they are. It is the cell state where there is
    /// one, else the hidden state. Equal ones keep their order.
    public var unitsByPeak: (positive: [Int], negative: [Int]) {
      let state = (cellState ?? hiddenState).values
      let (steps, hidden) = (state.shape[0], state.shape[1])
      let values = state.floats
      let peaks = (0..<hidden).map { unit in
        (0..<steps).reduce(0) { best, step in
          abs(values[step * hidden + unit]) > abs(values[best * hidden + unit]) ? step : best
        }
      }
      let order = peaks.indices.sorted { (peaks[$0], $0) < (peaks[$1], $1) }
      let isNegative = { (unit: Int) in values[peaks[unit] * hidden + unit] < 0 }
      return (order.filter { !isNegative($0) }, order.filter(isNegative))
    }
  }

  /// A quantity of a recurrent layer over time.
  public struct Signal: Sendable {
    /// What it is.
    public let quantity: Quantity
    /// Of every step and unit, [steps, hidden].
    public let values: Tensor
  }

  /// One of the things that a cell computes in a step.
  public struct Quantity: Sendable, Hashable {
    /// Its part in the cell.
    public enum Role: String, Sendable, Codable {
      /// Lets a share of something through.
      case gate
      /// What a step would write into the state.
      case candidate
      /// What is remembered inside.
      case cellState = "cell_state"
      /// What is remembered, and shown.
      case hiddenState = "hidden_state"
    }

    /// Between which bounds its values lie.
    public enum Range: String, Sendable, Codable {
      /// From 0 to 1, as a sigmoid's.
      case unit
      /// From −1 to 1, as those of a hyperbolic tangent.
      case signed
      /// None.
      case open
    }

    /// What it is called: "forget gate".
    public let name: String
    /// Its letter in the equations: "f".
    public let symbol: String
    /// How the cell computes it.
    public let equation: String
    /// What it does, in plain words.
    public let meaning: String
    /// Its part in the cell.
    public let role: Role
    /// Between which bounds its values lie.
    public let range: Range
  }

  /// The number of steps.
  public var steps: Int { input.shape[0] }

  /// The gradient's length at each step, √Σ g², [steps]: how far the answer would move if a step's input were changed a
  /// little, in the direction that moves it most.
  public var gradientNorms: [Float] {
    rows(of: gradient).map { row in row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  }

  /// Gradient times input, [steps, inputs]: to first order, what each number that was read has added to the log-odds of the
  /// answer, against a blank 0 in its place (Shrikumar et al. 2016).
  public var gradientTimesInput: Tensor { gradient * input }

  /// The sum of gradient times input at each step, [steps]: what the step has added.
  public var contributions: [Float] { rows(of: gradientTimesInput).map { $0.reduce(0, +) } }

  private func rows(of tensor: Tensor) -> [ArraySlice<Float>] {
    let values = tensor.floats, width = tensor.shape[1]
    return (0..<steps).map { values[$0 * width..<($0 + 1) * width] }
  }
}
