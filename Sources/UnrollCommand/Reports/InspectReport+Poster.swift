import Unroll

extension InspectReport {
  /// All panels in one picture, for a slide.
  var poster: StepPanels {
    let arrangement = view.arrangement
    let signals = trace.layers.enumerated().flatMap { index, layer in
      Self.halves(layer.signals).map { signals in
        lane(
          signals.map { signal in
            var panel = signalPanel(signal, of: layer, thickness: signalThickness)
            if trace.layers.count > 1 { panel.title = "Layer \(index + 1): \(panel.title)" }
            return panel
          }, length: length)
      }
    }
    let lanes: [[StepPanels.Lane]]
    switch (arrangement.isAligned, arrangement.direction) {
    case (true, .down):
      lanes = [[lane(answerPanels, length: length)]] + signals.map { [$0] }
    case (true, .right):
      lanes = [[lane(answerPanels, length: length)] + signals]
    case (false, _):
      let pixels = [
        inputPanel(stepLength: pictureStep), gradientPanel(stepLength: pictureStep),
        contributionPanel(stepLength: pictureStep),
      ]
      let pictures = pictures(pixels, stepLength: pictureStep)
      let pairs = stride(from: 0, to: signals.count, by: 2).map { Array(signals[$0..<min($0 + 2, signals.count)]) }
      lanes = [[pictures, lane(answerPanels, length: length)]] + pairs
    }
    return StepPanels(
      title: "\(imageName), read \(view.stepName) by \(view.stepName): \(verdict)", subtitle: subtitle,
      lanes: lanes)
  }

  private var subtitle: String {
    let (arrangement, layers) = (view.arrangement, trace.layers)
    let kinds =
      layers.count == 1 ? "The network: \(layers[0].inWords)" : "\(layers.count) layers: \(layers[0].inWords) each"
    let place = arrangement.direction == .down ? "beside" : "above"
    let steps =
      arrangement.isAligned
      ? "Every \(view.stepName) of the picture is a step, and lies \(place) what happens then in all panels."
      : "It has read \(view.orderInWords)."
    return "\(kinds), \(layers[0].orderInWords). \(steps)"
  }

  /// Pixels of all steps.
  private var length: Double {
    switch (view.arrangement.isAligned, view.arrangement.direction) {
    case (true, .down): 224
    case (true, .right): 336
    case (false, _): 760
    }
  }

  /// Pixels from one of the picture's lines to the next.
  private var pictureStep: Double {
    view.arrangement.isAligned ? length / Double(trace.steps) : 224 / Double(preprocessing.height)
  }

  /// Pixels across the steps in panels of gates and states: where steps run down, as many as fill the width.
  private var signalThickness: Double {
    guard view.arrangement.direction == .down else { return 224 }
    let most = trace.layers.flatMap { Self.halves($0.signals) }.map(\.count).max() ?? 1
    return min(1220 / Double(most) - 26, 620)
  }

  /// What tells of the answer; what is known of every pixel too, where it has its place among the steps.
  private var answerPanels: [StepPanels.Panel] {
    let (isDown, isAligned) = (view.arrangement.direction == .down, view.arrangement.isAligned)
    let bars = isDown ? 140.0 : 90
    return (isAligned ? [gradientPanel(stepLength: pictureStep)] : [])
      + [normPanel(thickness: bars)]
      + (isAligned ? [contributionPanel(stepLength: pictureStep)] : [])
      + [
        stepContributionPanel(thickness: bars),
        beliefPanel(thickness: isDown ? 360 : max(160, 16 * Double(classNames.count))),
      ]
  }

  /// At most three signals in a lane, and as many in each, the first at most one more: gates, then states.
  private static func halves(_ signals: [Trace.Signal]) -> [[Trace.Signal]] {
    guard signals.count > 3 else { return [signals] }
    let first = (signals.count + 1) / 2
    return halves(Array(signals[..<first])) + halves(Array(signals[first...]))
  }
}
