import Unroll

/// How the steps of a view lie beside its picture.
struct Arrangement {
  /// Which way steps run in panels, so that they run as in the picture where they can.
  let direction: StepPanels.Direction
  /// Whether a step is a line of the picture, so that the picture can stand in the same lane as the panels.
  let isAligned: Bool

  /// Whether a step is a row of the picture.
  var hasRows: Bool { isAligned && direction == .down }
}

extension SequenceView {
  var arrangement: Arrangement {
    switch self {
    case .rows: Arrangement(direction: .down, isAligned: true)
    case .columns: Arrangement(direction: .right, isAligned: true)
    case .rowsAndColumns, .patches, .pixels, .permuted: Arrangement(direction: .right, isAligned: false)
    }
  }

  /// What is read at each step and when, in words that can end a sentence.
  var orderInWords: String {
    switch self {
    case .rows: "a row at each step, from top to bottom"
    case .columns: "a column at each step, from left to right"
    case .rowsAndColumns: "the row and the column of its number at each step"
    case .patches: "a patch of \(Self.patchSize)×\(Self.patchSize) pixels at each step, in reading order"
    case .pixels: "a pixel at each step, in reading order"
    case .permuted: "a pixel at each step, in an order that was drawn at random once and for all"
    }
  }
}

/// Panels and the lanes that they are in, for the page and for the poster.
extension InspectReport {
  /// The lane in which all of the sequence's panels have their steps side by side.
  ///
  /// - Parameters:
  ///   - panels: The panels; the picture is put in front of them where its lines are steps.
  ///   - length: Pixels of all steps.
  ///   - describesPicture: Whether the picture has a heading, as the panels have on the poster.
  /// - Returns: The lane.
  func lane(_ panels: [StepPanels.Panel], length: Double, describesPicture: Bool = true) -> StepPanels.Lane {
    let arrangement = view.arrangement
    let stepLength = length / Double(trace.steps)
    let picture = inputPanel(stepLength: stepLength)
    return StepPanels.Lane(
      direction: arrangement.direction, stepLength: stepLength, stepAxis: view.stepName,
      panels: (arrangement.isAligned ? [describesPicture ? picture : picture.bare] : []) + panels)
  }

  /// A lane of whole pictures, for sequences whose steps are no lines of the picture.
  func pictures(_ panels: [StepPanels.Panel], stepLength: Double) -> StepPanels.Lane {
    StepPanels.Lane(direction: .down, stepLength: stepLength, panels: panels)
  }

  /// Grey from blank to full ink.
  var inkScale: ColorScale {
    let ends = [preprocessing.shift, preprocessing.shift + 255 * preprocessing.scale].map(Double.init)
    return .gray(min(ends[0], ends[1])...max(ends[0], ends[1]))
  }

  /// What the network reads.
  func inputPanel(stepLength: Double) -> StepPanels.Panel {
    pixelPanel(
      trace.input.rows, inkScale, title: "What it reads",
      detail: "The picture, \(view.stepName) by \(view.stepName).", stepLength: stepLength)
  }

  /// What more ink would do to the answer.
  func gradientPanel(stepLength: Double) -> StepPanels.Panel {
    pixelPanel(
      trace.gradient.rows, .diverging(limit: nil), adds: true, title: "Gradient",
      detail: "More ink where it is red would speak for \(answer), where it is blue against it.", stepLength: stepLength
    )
  }

  /// What the ink that is there has done to it.
  func contributionPanel(stepLength: Double) -> StepPanels.Panel {
    pixelPanel(
      trace.gradientTimesInput.rows, .diverging(limit: nil), adds: true, title: "Gradient × input",
      detail: "Ink that spoke for \(answer) is red, ink that spoke against it blue.", stepLength: stepLength)
  }

  /// A panel of a number at each pixel: within a lane of steps, or as a picture of its own. Where a pixel is read more than
  /// once, its numbers add up or are all the same.
  private func pixelPanel(
    _ values: [[Float]], _ scale: ColorScale, adds: Bool = false, title: String, detail: String, stepLength: Double
  ) -> StepPanels.Panel {
    let rows = view.arrangement.isAligned ? values.map { $0.map(Double.init) } : pictured(values, adds: adds)
    return StepPanels.Panel(
      title: title, detail: detail, content: .map(rows, scale), thickness: Double(rows[0].count) * stepLength)
  }

  /// How far the answer can be moved from each step.
  func normPanel(thickness: Double) -> StepPanels.Panel {
    StepPanels.Panel(
      title: "The gradient's length", detail: "How far each \(view.stepName) could move the answer.",
      content: .bars(trace.gradientNorms.map(Double.init)),
      thickness: thickness)
  }

  /// How far each step has moved the answer.
  func stepContributionPanel(thickness: Double) -> StepPanels.Panel {
    StepPanels.Panel(
      title: "The sum of that", detail: "What each \(view.stepName) has added.",
      content: .bars(trace.contributions.map(Double.init)), thickness: thickness)
  }

  /// Whether steps are so few that a dot for each can be seen.
  var marksLargest: Bool { trace.steps <= 100 }

  /// The probability of each class after each step.
  func beliefPanel(thickness: Double) -> StepPanels.Panel {
    StepPanels.Panel(
      title: "Belief", detail: "The probability of each class." + (marksLargest ? " A dot marks the largest." : ""),
      content: .map(beliefs.map { $0.map(Double.init) }, .sequential(0...1)), thickness: thickness,
      labels: classNames.allSatisfy { $0.count <= 2 } || view.arrangement.direction == .right ? classNames : [],
      marks: marksLargest ? answers : [])
  }

  /// A quantity of a layer over time, its units ordered by the peak of their state.
  func signalPanel(_ signal: Trace.Signal, of layer: Trace.Layer, thickness: Double) -> StepPanels.Panel {
    let units = layer.unitsByPeak, order = units.positive + units.negative
    let values = signal.values.rows.map { row in order.map { Double(row[$0]) } }
    let scale: ColorScale
    var axis = "\(order.count) units"
    switch signal.quantity.range {
    case .unit: scale = .sequential(0...1)
    case .signed: scale = .diverging(limit: 1)
    case .open:
      // A few units that run away would leave no colour for all the others.
      let sizes = values.joined().map(\.magnitude).filter(\.isFinite).sorted()
      let most = sizes.last ?? 1, high = sizes.isEmpty ? most : sizes[sizes.count * 98 / 100]
      scale = .diverging(limit: most > 1.25 * high ? high : most)
      if most > 1.25 * high { axis += "; colours end at 98 % of the values, the largest is \(fixed(most, 1))" }
    }
    return StepPanels.Panel(
      title: signal.quantity.name.prefix(1).uppercased() + signal.quantity.name.dropFirst(),
      formula: signal.quantity.equation, detail: signal.quantity.meaning, content: .map(values, scale),
      thickness: thickness, axis: axis,
      groups: [
        .init(name: "peak above 0", count: units.positive.count),
        .init(name: "peak below 0", count: units.negative.count),
      ])
  }
}

extension StepPanels.Panel {
  /// The panel without what is said above it.
  var bare: StepPanels.Panel {
    var panel = self
    (panel.title, panel.formula, panel.detail) = ("", "", "")
    return panel
  }
}

extension Trace.Layer {
  /// How the layer's units are ordered in all panels, in words.
  var orderInWords: String {
    """
    ordered by when their \((cellState ?? hiddenState).quantity.name) is farthest from zero, first those for which that is \
    above zero, then those for which it is below
    """
  }

  /// The kind as people write it: "LSTM of 128 units".
  var inWords: String {
    let kind =
      kind == .irnn
      ? "IRNN"
      : kind.rawValue.replacing("lstm", with: "LSTM").replacing("gru", with: "GRU").replacing("rnn", with: "RNN")
    return "\(kind) of \(hiddenState.values.shape[1]) units"
  }
}
