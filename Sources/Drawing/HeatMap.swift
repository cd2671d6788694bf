/// A matrix of numbers as colours: as SVG (``svg(width:showsTitle:)``) or as text for a terminal
/// (``text(width:style:)``).
///
/// ```swift
/// let confusion = HeatMap(
///   title: "Confusion matrix", rowAxis: "true", columnAxis: "predicted",
///   rowLabels: digits, columnLabels: digits, values: counts,
///   scale: .counts(limit: nil), format: .integer, emphasizesDiagonal: true)
/// ```
///
/// NaN stands for "no value".
public struct HeatMap: Hashable, Sendable {
  /// The headline.
  public var title: String
  /// What a reader needs to know beside the headline.
  public var subtitle: String
  /// What the rows are.
  public var rowAxis: String
  /// What the columns are.
  public var columnAxis: String
  /// A name for each row.
  public let rowLabels: [String]
  /// A name for each column.
  public let columnLabels: [String]
  /// The numbers, row by row.
  public let values: [[Double]]
  /// How numbers become colours.
  public var scale: ColorScale
  /// How numbers are written in cells and beside the legend.
  public var format: ValueFormat
  /// Digits behind the point in cells (for ``ValueFormat/percent``, of the percentage).
  public var decimals: Int
  /// Whether the diagonal is what is right, as in a confusion matrix, and set off in the text form.
  public var emphasizesDiagonal: Bool

  /// A heat map of `values`, which must have a row for each row label and in each row a
  /// number for each column label.
  public init(
    title: String = "", subtitle: String = "", rowAxis: String = "", columnAxis: String = "", rowLabels: [String],
    columnLabels: [String], values: [[Double]], scale: ColorScale = .sequential(nil), format: ValueFormat = .number,
    decimals: Int = 2, emphasizesDiagonal: Bool = false
  ) {
    precondition(
      values.count == rowLabels.count, "\(values.count) rows of values for \(rowLabels.count) row labels")
    for (index, row) in values.enumerated() {
      precondition(
        row.count == columnLabels.count,
        "\(row.count) values in row \(index) for \(columnLabels.count) column labels")
    }
    self.title = title
    self.subtitle = subtitle
    self.rowAxis = rowAxis
    self.columnAxis = columnAxis
    self.rowLabels = rowLabels
    self.columnLabels = columnLabels
    self.values = values
    self.scale = scale
    self.format = format
    self.decimals = decimals
    self.emphasizesDiagonal = emphasizesDiagonal
  }
}

extension HeatMap {
  var fittedScale: FittedColorScale { scale.fitted(to: values.joined()) }

  /// What is written into a cell. Among counts, zeros are the background and would only hide the others.
  func cellText(_ value: Double, style: TerminalStyle = TerminalStyle()) -> String {
    let isPlain = style.characters == .ascii
    if value.isNaN { return isPlain ? "-" : "–" }
    if value == 0, case .counts = scale { return isPlain ? "." : "·" }
    return format.string(value, decimals: decimals)
  }
}
