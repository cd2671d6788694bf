import ArgumentParser
import Foundation
import Unroll

extension MissingValues: ExpressibleByArgument {}
extension CSVFormat.Delimiter: ExpressibleByArgument {}

/// The flags that say how one's own series are read.
struct SeriesOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The file with the test sequences. (default: the one beside the training file whose name says test instead of train; \
      without one, a part of the training file)
      """, valueName: "file"))
  var test: String?

  @Option(
    help: ArgumentHelp(
      "The share of the sequences that becomes the test set where there is no file for it. (default: 0.2)",
      valueName: "share"))
  var testShare: Double?

  @Flag(help: "Estimates the number that each sequence comes with, instead of its class.")
  var regression = false

  @Option(
    help: """
      What stands in for missing values: the last value before, the feature's mean, or nothing, so that they are refused. \
      (default: carry)
      """)
  var missing: MissingValues?

  @Flag(
    name: .customLong("no-normalize"),
    help: "Leaves the features as they are, instead of giving each a mean of 0 and a deviation of 1.")
  var leavesAsIs = false

  @Option(
    help: ArgumentHelp(
      """
      The column, by name or number from 1, with the class, or the number with --regression. (default: label, class or \
      target; else the last one)
      """, valueName: "column"))
  var csvLabel: String?

  @Option(
    help: ArgumentHelp(
      "The column that says to which sequence a line belongs; each line is one step then.", valueName: "column"))
  var csvId: String?

  @Option(
    help: ArgumentHelp(
      "With --csv-id, the column with the time, which must rise within a sequence.", valueName: "column"))
  var csvTime: String?

  @Option(
    help: ArgumentHelp(
      "With --csv-id, the columns with the features, by commas. (default: all others)", valueName: "columns"))
  var csvValues: String?

  @Option(
    help: ArgumentHelp(
      "Without --csv-id, how many values of a line make one step. (default: 1)", valueName: "count"))
  var csvFeatures: Int?

  @Option(help: "What stands between two values. (default: the most frequent in the first line)")
  var csvDelimiter: CSVFormat.Delimiter?

  @Option(help: "Whether the first line names the columns. (default: seen from its content)")
  var csvHeader: Bool?

  func validate() throws {
    if let testShare, !(testShare > 0 && testShare < 1) {
      throw ValidationError("--test-share \(testShare): must be above 0 and below 1")
    }
    try checkRange("--csv-features", csvFeatures, 1...1_000_000)
    for (flag, value) in [("--csv-time", csvTime), ("--csv-values", csvValues)] where value != nil && csvId == nil {
      throw ValidationError("\(flag): needs --csv-id, the column that says to which sequence a line belongs")
    }
    if csvFeatures != nil && csvId != nil {
      throw ValidationError("--csv-features and --csv-id exclude each other: with --csv-id each line is one step")
    }
    for (flag, path) in [("--test", test), ("--csv-id", csvId), ("--csv-label", csvLabel)] where path == "" {
      throw ValidationError("\(flag): must not be empty")
    }
    if test != nil && testShare != nil { throw ValidationError("--test and --test-share exclude each other") }
  }

  /// The first of these flags that was given; `nil` if none was.
  var given: String? {
    let flags: [(String, Bool)] = [
      ("--test", test != nil), ("--test-share", testShare != nil), ("--regression", regression),
      ("--missing", missing != nil), ("--no-normalize", leavesAsIs), ("--csv-label", csvLabel != nil),
      ("--csv-id", csvId != nil), ("--csv-features", csvFeatures != nil), ("--csv-delimiter", csvDelimiter != nil),
      ("--csv-header", csvHeader != nil),
    ]
    return flags.first(where: \.1)?.0
  }

  /// The source at an absolute path, read as these flags say.
  ///
  /// - Throws: `DatasetError.missing` if there is none.
  func source(at path: String) throws(DatasetError) -> SeriesSource { applied(to: try SeriesSource(at: path)) }

  /// A source with what these flags say instead.
  func applied(to begun: SeriesSource) -> SeriesSource {
    var source = begun
    if let test { source.test = absolutePath(test) }
    if let testShare {
      source.test = nil
      source.testShare = testShare
    }
    if let missing { source.missing = missing }
    if regression { source.asksForNumber = true }
    if leavesAsIs { source.normalizes = false }
    if let csv { source.csv = csv }
    return source
  }

  /// The format of a file of separated values, if anything is said of it.
  private var csv: CSVFormat? {
    guard csvLabel != nil || csvId != nil || csvFeatures != nil || csvDelimiter != nil || csvHeader != nil else {
      return nil
    }
    let values = csvValues?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? []
    return CSVFormat(
      shape: csvId.map { .long(id: $0, time: csvTime, values: values) } ?? .wide(featuresPerStep: csvFeatures ?? 1),
      target: regression ? .numbers(column: csvLabel) : .labels(column: csvLabel),
      delimiter: csvDelimiter, hasHeader: csvHeader)
  }
}
