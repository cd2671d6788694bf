/// A line chart from plain numbers: as SVG (``svg(width:height:showsTitle:)``) or as text for a terminal
/// (``text(width:height:style:)``).
///
/// ```swift
/// let chart = LineChart(
///   title: "Accuracy by number of rows read",
///   xAxis: .init(label: "rows", format: .integer),
///   yAxis: .init(label: "accuracy", range: 0...1, format: .percent),
///   series: [.init(name: "rows not read", points: points)])
/// print(chart.text())
/// ```
///
/// A point whose coordinates are not finite interrupts its line and is not drawn.
public struct LineChart: Hashable, Sendable {
  /// A measured point.
  public struct Point: Hashable, Sendable {
    /// The horizontal position.
    public var x: Double
    /// The vertical position.
    public var y: Double
    /// The lower end of the interval around `y`, such as a 95 % interval.
    public var low: Double?
    /// The upper end of the interval around `y`.
    public var high: Double?

    /// A point at (x, y), with an interval around y if both `low` and `high` are given.
    public init(x: Double, y: Double, low: Double? = nil, high: Double? = nil) {
      self.x = x
      self.y = y
      self.low = low
      self.high = high
    }
  }

  /// A line with a name.
  public struct Series: Hashable, Sendable {
    /// What the legend calls the line.
    public var name: String
    /// The line's points, drawn in this order.
    public var points: [Point]
    /// Whether the SVG draws the line dashed.
    public var isDashed: Bool
    /// Which of the palette's colours the SVG draws the line in, from 0: for one colour in several charts. `nil`: its place
    /// among the chart's lines.
    public var color: Int?

    /// A line through `points`.
    public init(name: String, points: [Point], isDashed: Bool = false, color: Int? = nil) {
      precondition(color.map { $0 >= 0 } ?? true, "there is no colour \(color ?? 0)")
      self.name = name
      self.points = points
      self.isDashed = isDashed
      self.color = color
    }
  }

  /// How far apart numbers lie on an axis.
  public enum Scale: Hashable, Sendable {
    /// As their differences are.
    case linear
    /// As their ratios are. Points that are not positive interrupt their line and are not drawn.
    case logarithmic
  }

  /// One of the two axes.
  public struct Axis: Hashable, Sendable {
    /// What the axis measures, with the unit.
    public var label: String
    /// The values from end to end, above 0 on a logarithmic axis. `nil` takes them from the data.
    public var range: ClosedRange<Double>?
    /// Where the ticks are. `nil` chooses multiples of 1, 2 or 5 times a power of ten, on a logarithmic axis these
    /// numbers themselves or powers of ten alone.
    public var ticks: [Double]?
    /// How the numbers at the ticks are written.
    public var format: ValueFormat
    /// How far apart numbers lie.
    public var scale: Scale

    /// An axis; what is `nil` is chosen from the data.
    public init(
      label: String = "", range: ClosedRange<Double>? = nil, ticks: [Double]? = nil, format: ValueFormat = .number,
      scale: Scale = .linear
    ) {
      self.label = label
      self.range = range
      self.ticks = ticks
      self.format = format
      self.scale = scale
    }
  }

  /// A point worth pointing out, with a few words.
  public struct Note: Hashable, Sendable {
    /// The horizontal position.
    public var x: Double
    /// The vertical position.
    public var y: Double
    /// The words, such as "28 rows: 98.9 %".
    public var text: String

    /// A note at (x, y).
    public init(x: Double, y: Double, text: String) {
      self.x = x
      self.y = y
      self.text = text
    }
  }

  /// A straight line to compare with, across the whole chart.
  public enum Reference: Hashable, Sendable {
    /// A level, such as the accuracy of guessing.
    case horizontal(y: Double, label: String)
    /// A moment, such as the epoch with the best validation loss.
    case vertical(x: Double, label: String)
  }

  /// The headline.
  public var title: String
  /// What a reader needs to know beside the headline: data, sample size, kind of interval.
  public var subtitle: String
  /// The horizontal axis.
  public var xAxis: Axis
  /// The vertical axis.
  public var yAxis: Axis
  /// The lines, back to front.
  public var series: [Series]
  /// Lines to compare with.
  public var references: [Reference]
  /// Points worth pointing out.
  public var notes: [Note]

  /// A chart of `series`.
  public init(
    title: String = "", subtitle: String = "", xAxis: Axis = Axis(), yAxis: Axis = Axis(), series: [Series],
    references: [Reference] = [], notes: [Note] = []
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.series = series
    self.references = references
    self.notes = notes
  }
}

extension LineChart.Point {
  /// Whether the point has a place on paper. Magnitudes beyond 1e150 count as infinite: differences of such numbers
  /// overflow, and no chart shows them beside others.
  var isDrawable: Bool { x.isDrawable && y.isDrawable }

  /// The interval's ends, if the point has any that can be drawn.
  var interval: (low: Double, high: Double)? {
    guard isDrawable, let low, let high, low.isDrawable, high.isDrawable else { return nil }
    return (low, high)
  }
}

extension Double {
  var isDrawable: Bool { magnitude < 1e150 }
}

extension LineChart.Series {
  /// The stretches of the line between points that cannot be drawn.
  var runs: [ArraySlice<LineChart.Point>] { points.split { !$0.isDrawable } }

  /// The stretches with an interval at every point.
  var intervalRuns: [ArraySlice<LineChart.Point>] { points.split { $0.interval == nil } }

  var drawablePoints: [LineChart.Point] { points.filter(\.isDrawable) }
}

extension LineChart {
  /// The horizontal scale: exactly as wide as the data.
  func xScale(ticksAtMost count: Int) -> AxisScale {
    var values = series.flatMap(\.drawablePoints).map(\.x) + notes.map(\.x)
    for case .vertical(let x, _) in references { values.append(x) }
    return AxisScale(xAxis, covering: values, ticksAtMost: count, endsOnTicks: false)
  }

  /// The vertical scale: from tick to tick around the data.
  func yScale(ticksAtMost count: Int) -> AxisScale {
    let points = series.flatMap(\.drawablePoints)
    var values = points.map(\.y) + notes.map(\.y) + points.compactMap(\.interval).flatMap { [$0.low, $0.high] }
    for case .horizontal(let y, _) in references { values.append(y) }
    return AxisScale(yAxis, covering: values, ticksAtMost: count, endsOnTicks: true)
  }
}
