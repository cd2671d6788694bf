/// Gathers runs of steps into a batch of sequences, each from its first step on, zero beyond its last.
///
/// - Parameters:
///   - steps: [all steps, features] of `float32`: the steps of many sequences one after another.
///   - ranges: Which of them each row of the batch is; none empty.
/// - Returns: [rows, longest range, features], time-major in memory, as the sequence ops read it.
public func gatherSequences(from steps: Tensor, ranges: [Range<Int>]) -> Tensor {
  let all = steps.rank == 2 ? steps.shape[0] : 0
  precondition(
    steps.rank == 2 && steps.elementType == .float32 && steps.isDense && !ranges.isEmpty
      && ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= all && !$0.isEmpty },
    "\(ranges.count) sequences gathered from \(steps.elementType) of shape \(steps.shape), not all within it")
  let (batch, features, longest) = (ranges.count, steps.shape[1], ranges.map(\.count).max() ?? 0)
  let result = Tensor(
    storage: Storage(.float32, count: longest * batch * features, on: steps.device),
    shape: [batch, longest, features], strides: [features, batch * features, 1])
  withWorkspace(on: steps.device) { workspace in
    let source = workspace.floats(of: steps), out = workspace.floats(of: result)
    steps.device.forRanges(of: longest, grain: max(1, elementwiseGrain / (batch * features))) { steps in
      for step in steps {
        for (row, range) in ranges.enumerated() {
          let to = out + (step * batch + row) * features
          if step < range.count {
            to.update(from: source + (range.lowerBound + step) * features, count: features)
          } else {
            to.update(repeating: 0, count: features)
          }
        }
      }
    }
  }
  return result
}
