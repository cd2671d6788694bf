import Unroll

extension InspectReport {
  /// All panels with a few words about each, for the browser.
  var page: HTMLPage {
    HTMLPage(
      title: "\(imageName), read \(view.stepName) by \(view.stepName)",
      blocks: introduction + belief + influence + trace.layers.enumerated().flatMap(layer) + [numbers])
  }

  private var introduction: [HTMLPage.Block] {
    let step = view.stepName
    let words = """
      A network of \(trace.layers.count == 1 ? "one recurrent layer" : "\(trace.layers.count) recurrent layers") has read \
      this picture \(step) by \(step), and has had an answer after each. At the end it says: \(verdict). Here is what went \
      on inside.
      """
    let place: String
    switch (view.arrangement.isAligned, view.arrangement.direction) {
    case (true, .down): place = "Beside each panel stands the picture: row 10 of the picture is step 10 of the panel."
    case (true, .right):
      place = "Above each panel stands the picture: column 10 of the picture is step 10 of the panel."
    case (false, _): place = "In all panels time runs from left to right, \(view.orderInWords)."
    }
    return [.paragraph(words), .paragraph(place)]
  }

  private var belief: [HTMLPage.Block] {
    let step = view.stepName
    return [
      .heading("Belief"),
      .paragraph(
        """
        What the network would answer if the picture ended here: the probability of each class after each \
        \(step).\(marksLargest ? " The dot marks the largest." : "")
        """),
      .gallery([figure([beliefPanel(thickness: beliefThickness).bare], name: "belief")], minimumWidth: galleryWidth),
    ]
  }

  private var influence: [HTMLPage.Block] {
    let step = view.stepName
    return [
      .heading("Which \(view.stepNames) moved the answer"),
      .paragraph(
        """
        How sure the network is at the end can be told in log-odds, log p/(1 − p) with p the probability of \(answer). \
        Their gradient says how they would change if a pixel had a little more ink, with all that this sets off in later \
        steps.
        """),
      .gallery(
        [
          .group([
            .heading("What would move it", level: 3),
            .paragraph(
              """
              The gradient. Red: more ink here would speak for \(answer). Blue: more ink would speak against it. The bars \
              are its length in each \(step), √Σ g²: how far the answer can be moved from there.
              """),
            figure(gradientPanel, [normPanel(thickness: barThickness).bare], name: "gradient by \(step)"),
          ]),
          .group([
            .heading("What did move it", level: 3),
            .paragraph(
              """
              Gradient × input. Where there is no ink there is nothing to see. Red ink spoke for \(answer), blue ink against \
              it, as far as a straight line can tell. The bars are the sums over each \(step).
              """),
            figure(
              contributionPanel, [stepContributionPanel(thickness: barThickness).bare],
              name: "gradient times input by \(step)"),
          ]),
        ], minimumWidth: galleryWidth),
    ]
  }

  private func layer(_ index: Int, _ layer: Trace.Layer) -> [HTMLPage.Block] {
    let number = trace.layers.count > 1 ? "Layer \(index + 1): " : ""
    let reads =
      index > 0
      ? "x is the hidden state of the layer below at the same step"
      : "x is the input at that step, after the input layer"
    return [
      .heading(number + layer.inWords),
      .paragraph(
        """
        A line across the steps is a unit. The units are \(layer.orderInWords), in all panels of this layer alike; so the \
        same line is the same unit. In the formulas, \(reads), h the hidden state after the step before, σ a sigmoid, and · \
        between gates and states goes unit by unit.
        """),
      .gallery(
        layer.signals.map { signal in
          let panel = signalPanel(signal, of: layer, thickness: signalThickness)
          return .group([
            .heading(panel.title, level: 3), .formula(signal.quantity.equation), .paragraph(signal.quantity.meaning),
            figure([panel.bare], name: "\(number)\(signal.quantity.name), units by steps"),
          ])
        }, minimumWidth: galleryWidth),
    ]
  }

  /// The beliefs and the gradient as numbers.
  private var numbers: HTMLPage.Block {
    let norms = trace.gradientNorms, contributions = trace.contributions
    let rows = zip(beliefs, answers).enumerated().map { step, belief in
      [
        String(step + 1), classNames[belief.1], percent(Double(belief.0[belief.1])),
        percent(Double(belief.0[trace.answer])), fixed(Double(norms[step]), 3), fixed(Double(contributions[step]), 3),
      ]
    }
    let header = [
      view.stepName, "answer", "its probability", "that of \(answer)", "gradient", "gradient × input",
    ]
    return .details(
      summary: "The same in numbers", [.table(header: header, rows: rows, numeric: [0, 2, 3, 4, 5])])
  }

  // MARK: - Figures

  /// Panels in a lane, with the picture where its lines are steps.
  private func figure(_ panels: [StepPanels.Panel], name: String) -> HTMLPage.Block {
    .figure(StepPanels(lanes: [[bareLane(panels)]]).svg(margin: 6, name: name))
  }

  /// Panels in a lane with one of every pixel. Where the picture's lines are no steps, that one stands above them, beside
  /// the picture.
  private func figure(
    _ pixels: (_ stepLength: Double) -> StepPanels.Panel, _ panels: [StepPanels.Panel], name: String
  ) -> HTMLPage.Block {
    if view.arrangement.isAligned {
      return figure([pixels(length / Double(trace.steps)).bare] + panels, name: name)
    }
    let stepLength = 224 / Double(preprocessing.height)
    let pictures = pictures(
      [inputPanel(stepLength: stepLength).bare, pixels(stepLength).bare], stepLength: stepLength)
    return .figure(StepPanels(lanes: [[pictures], [bareLane(panels)]]).svg(margin: 6, name: name))
  }

  private func bareLane(_ panels: [StepPanels.Panel]) -> StepPanels.Lane {
    lane(panels, length: length, describesPicture: false)
  }

  /// Pixels of all steps.
  private var length: Double { sizes.length }
  /// Pixels across the steps in panels of gates and states.
  private var signalThickness: Double { sizes.signals }
  private var beliefThickness: Double { sizes.beliefs }
  private var barThickness: Double { sizes.bars }
  /// Figures stand side by side where each can have so many pixels.
  private var galleryWidth: Int { sizes.gallery }

  private var sizes: (length: Double, signals: Double, beliefs: Double, bars: Double, gallery: Int) {
    switch (view.arrangement.isAligned, view.arrangement.direction) {
    case (true, .down): (168, 246, 246, 120, 440)
    case (true, .right): (280, 192, 180, 90, 300)
    case (false, _): (880, 160, 180, 90, 900)
    }
  }
}
