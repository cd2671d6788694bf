import Tensors
import _Differentiation

/// An LSTM cell some of whose units keep their state of the step before (Krueger et al. 2017, equations 4 and 5), with
/// d = 1 for those that do, drawn for each unit, sequence and step:
///
///     c ← d_c·c + (1 − d_c)·c'     h ← d_h·h + (1 − d_h)·h'
///
/// where c' and h' are what the cell inside makes of c, h and the input. Without masks, as a network is used, d is its mean.
///
///     var layer = RecurrentLayer(Zoneout(LSTMCell(…), hiddenRate: 0.05, cellRate: 0.5))
///     layer.cell.masks = layer.cell.drawMasks(batchSize: 128, steps: 28, hiddenSize: 128, using: &random)  // for an update
///     layer.cell.masks = nil                                                                 // to see how good it is
public struct Zoneout<Cell: RecurrentCell>: RecurrentCell where Cell.State == LSTMState {
  /// What a step computes without zoneout.
  public var cell: Cell
  /// The share of hidden states, and of cell states, that stay as they are.
  @noDerivative public let hiddenRate, cellRate: Float
  /// What stays at each step of a batch in training; `nil` to compute what is to be expected.
  @noDerivative public var masks: ZoneoutMasks?

  /// A cell with zoneout, and no masks yet.
  ///
  /// - Parameters:
  ///   - cell: What a step computes without zoneout.
  ///   - hiddenRate: The share of hidden states that stay as they are.
  ///   - cellRate: The share of cell states that do.
  /// - Precondition: Both shares are at least 0 and below 1.
  public init(_ cell: Cell, hiddenRate: Float, cellRate: Float) {
    precondition(
      (0..<1).contains(hiddenRate) && (0..<1).contains(cellRate),
      "zoneout of \(hiddenRate) and \(cellRate), which are not from 0 to below 1")
    self.cell = cell
    self.hiddenRate = hiddenRate
    self.cellRate = cellRate
  }

  /// Draws what stays at each step of a batch.
  ///
  /// - Parameters:
  ///   - batchSize: Sequences of the batch.
  ///   - steps: Steps of a sequence.
  ///   - hiddenSize: The size of the cell's states.
  ///   - random: Where the masks come from.
  ///   - device: Where they are put.
  /// - Returns: Masks for each of the steps.
  public func drawMasks(
    batchSize: Int, steps: Int, hiddenSize: Int, using random: inout RandomGenerator, on device: Device = .cpu
  ) -> ZoneoutMasks {
    func mask(_ rate: Float) -> Tensor {
      Tensor(
        random.bernoullis(count: steps * batchSize * hiddenSize, probability: rate),
        shape: [steps, batchSize, hiddenSize], on: device)
    }
    return ZoneoutMasks(hidden: mask(hiddenRate), cell: mask(cellRate))
  }

  /// One step: `input` [batch, inputs] and the state before it give the state after it.
  ///
  /// - Precondition: The masks, if there are any, go as far as this step.
  @differentiable(reverse)
  @differentiable(reverse,wrt: (self, state))
  public func callAsFunction(_ input: Tensor, state: ZoneoutState) -> ZoneoutState {
    let (before, after) = (state.lstm, cell(input, state: state.lstm))
    let step = withoutDerivative(at: state.step)
    return ZoneoutState(
      LSTMState(
        hidden: mixed(before.hidden, after.hidden, masks?.hidden.selected(step, alongAxis: 0), rate: hiddenRate),
        cell: mixed(before.cell, after.cell, masks?.cell.selected(step, alongAxis: 0), rate: cellRate)),
      step: step + 1)
  }

  /// What the cell inside shows: the hidden state.
  @differentiable(reverse)
  public static func output(of state: ZoneoutState) -> Tensor { Cell.output(of: state.lstm) }
}

/// `before` where the mask is 1, `after` where it is 0; without a mask, as much of both as `rate` says.
@differentiable(reverse,wrt: (before, after))
private func mixed(_ before: Tensor, _ after: Tensor, _ mask: Tensor?, rate: Float) -> Tensor {
  let way = before - after
  guard let mask else { return after + way.scaled(by: rate) }
  return after + way.scaled(byMask: mask)
}

/// What stays as it is at each step of a batch: 1 where the state of the step before is kept, else 0.
public struct ZoneoutMasks: Sendable {
  /// For hidden state and cell state, [steps, batch, hidden] each.
  public let hidden, cell: Tensor

  /// Masks for all steps of a batch.
  public init(hidden: Tensor, cell: Tensor) {
    precondition(
      hidden.rank == 3 && hidden.shape == cell.shape, "zoneout masks of shapes \(hidden.shape) and \(cell.shape)")
    self.hidden = hidden
    self.cell = cell
  }
}

/// What a cell with zoneout remembers: the cell's state, and how many steps it has read since the zero state, which tells
/// whose masks come next.
public struct ZoneoutState: Differentiable, AdditiveArithmetic, Sendable {
  /// The state of the cell inside.
  public var lstm: LSTMState
  /// Steps since `ZoneoutState.zero`.
  @noDerivative public var step: Int

  /// A state from its parts.
  @differentiable(reverse)
  public init(_ lstm: LSTMState, step: Int) {
    self.lstm = lstm
    self.step = step
  }
}
