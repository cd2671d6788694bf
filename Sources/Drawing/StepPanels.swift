/// What happens along a sequence, panel by panel, with the steps of all panels of a lane side by side: an image that is
/// read row by row beside the states of the network that reads it, for example.
///
/// ```swift
/// let picture = StepPanels.Panel(title: "picture", content: .map(rows, .gray(0...1)), thickness: 196)
/// let gate = StepPanels.Panel(title: "forget gate", content: .map(activations, .sequential(0...1)), thickness: 256)
/// let panels = StepPanels(
///   title: "One image", lanes: [[.init(direction: .down, stepLength: 7, stepAxis: "row", panels: [picture, gate])]])
/// try panels.svg().write(to: url, atomically: true, encoding: .utf8)
/// ```
public struct StepPanels: Hashable, Sendable {
  /// Which way the steps run.
  public enum Direction: Hashable, Sendable {
    /// From top to bottom: panels stand side by side.
    case down
    /// From left to right: panels stand one below the other.
    case right
  }

  /// One thing that is shown for every step.
  public struct Panel: Hashable, Sendable {
    /// How it is shown.
    public enum Content: Hashable, Sendable {
      /// Numbers as colours: for each step as many, one for each place across the steps.
      case map([[Double]], ColorScale)
      /// A bar for each step, from zero: in one colour above it, and in another below.
      case bars([Double])
    }

    /// Neighbouring places across the steps.
    public struct Group: Hashable, Sendable {
      /// What they have in common.
      public let name: String
      /// How many they are; may be none.
      public let count: Int

      /// A group of `count` places.
      public init(name: String, count: Int) {
        self.name = name
        self.count = count
      }
    }

    /// The headline.
    public var title: String
    /// The formula by which it is computed, if there is one, with `_` before each index.
    public var formula: String
    /// What a reader needs to know beside the headline.
    public var detail: String
    /// What is shown.
    public var content: Content
    /// Pixels across the steps.
    public var thickness: Double
    /// What is across the steps, or the unit of the bars.
    public var axis: String
    /// What is at each place across the steps; empty if places have no names.
    public var labels: [String]
    /// Neighbouring places that belong together, with a line between them and the next; their counts make up all places.
    /// Empty for none, and where places have labels.
    public var groups: [Group]
    /// For each step, a place to be marked with a dot; empty for none.
    public var marks: [Int]

    /// A panel.
    public init(
      title: String = "", formula: String = "", detail: String = "", content: Content, thickness: Double,
      axis: String = "", labels: [String] = [], groups: [Group] = [], marks: [Int] = []
    ) {
      self.title = title
      self.formula = formula
      self.detail = detail
      self.content = content
      self.thickness = thickness
      self.axis = axis
      self.labels = labels
      self.groups = groups
      self.marks = marks
    }

    /// The number of steps.
    var steps: Int {
      switch content {
      case .map(let values, _): values.count
      case .bars(let values): values.count
      }
    }

    /// The number of places across the steps.
    var places: Int {
      if case .map(let values, _) = content { values.first?.count ?? 0 } else { 1 }
    }
  }

  /// Panels that share their steps.
  public struct Lane: Hashable, Sendable {
    /// Which way the steps run.
    public let direction: Direction
    /// Pixels of a step.
    public let stepLength: Double
    /// What a step is; without a name, steps are not numbered.
    public let stepAxis: String
    /// What is shown, one beside or below the other.
    public let panels: [Panel]

    /// A lane.
    ///
    /// - Precondition: There is a panel, all have the same number of steps, at least one, and within a panel each step has
    ///   as many numbers, as many as there are labels if there are any; marks are within them.
    public init(direction: Direction, stepLength: Double, stepAxis: String = "", panels: [Panel]) {
      precondition(
        !panels.isEmpty && panels.allSatisfy { $0.steps == panels[0].steps && $0.steps > 0 },
        "a lane of panels of \(panels.map(\.steps)) steps")
      for panel in panels {
        if case .map(let values, _) = panel.content {
          precondition(
            panel.places > 0 && values.allSatisfy { $0.count == panel.places }, "steps of different numbers of values")
          precondition(
            panel.labels.isEmpty || panel.labels.count == panel.places,
            "\(panel.labels.count) labels for \(panel.places) places")
          precondition(
            panel.groups.isEmpty || panel.groups.map(\.count).reduce(0, +) == panel.places && panel.labels.isEmpty,
            "groups of \(panel.groups.map(\.count)) of \(panel.places) places, \(panel.labels.count) of them with labels"
          )
          precondition(
            panel.marks.isEmpty
              || panel.marks.count == panel.steps && panel.marks.allSatisfy { (0..<panel.places).contains($0) },
            "marks \(panel.marks) for \(panel.steps) steps of \(panel.places) places")
        }
      }
      self.direction = direction
      self.stepLength = stepLength
      self.stepAxis = stepAxis
      self.panels = panels
    }

    /// The number of steps.
    var steps: Int { panels[0].steps }
    /// Pixels of all steps.
    var length: Double { Double(steps) * stepLength }
  }

  /// The headline.
  public var title: String
  /// What a reader needs to know beside the headline.
  public var subtitle: String
  /// Rows of lanes, from top to bottom; the lanes of a row stand side by side.
  public var lanes: [[Lane]]

  /// A picture of such panels.
  public init(title: String = "", subtitle: String = "", lanes: [[Lane]]) {
    self.title = title
    self.subtitle = subtitle
    self.lanes = lanes
  }
}
