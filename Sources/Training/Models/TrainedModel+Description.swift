import Datasets
import Recurrent

extension TrainedModel {
  /// What a model file's metadata says besides the arrays. It has either `preprocessing` or `series`, and either `classes`
  /// or `number`.
  struct Description: Codable {
    var architecture = SequenceClassifier.architecture
    var layers: SequenceClassifier.LayerSizes
    var classNames: [String]?
    var number: NumberScale?
    var preprocessing: Preprocessing?
    var series: SeriesPreprocessing?
    var dataset: String
    var source: SeriesSource?
    /// Not in files of models that learned from all sequences, nor in those of earlier versions.
    var validation: ValidationSplit?
    var temperatures: [Float]?

    enum CodingKeys: String, CodingKey {
      case architecture, layers, number, preprocessing, series, dataset, source, validation, temperatures
      case classNames = "classes"
    }

    /// See `SequenceTarget.number`.
    struct NumberScale: Codable {
      var mean, deviation: Float
    }

    init(of model: TrainedModel) {
      layers = SequenceClassifier.LayerSizes(of: model.classifier)
      switch model.target {
      case .classes(let names): classNames = names
      case .number(let mean, let deviation): number = NumberScale(mean: mean, deviation: deviation)
      }
      preprocessing = model.input.images
      series = model.input.series
      dataset = model.dataset
      source = model.source
      validation = model.validation
      temperatures = model.temperatures
    }
  }

  /// What a description can not be: what was found, and what was expected.
  struct Unfit: Error {
    let found, expected: String
  }
}

extension TrainedModel.Description {
  private static let mostPixels = 1 << 24
  private static let mostPixelsOfASide = 1 << 13
  private static let largestSize = 65_536

  /// What the outputs mean.
  ///
  /// - Throws: `Unfit` if that does not suit the network's outputs.
  func target() throws(TrainedModel.Unfit) -> SequenceTarget {
    switch (classNames, number) {
    case (let names?, nil):
      guard names.count == layers.classes else {
        throw TrainedModel.Unfit(found: "\(names.count) names of classes", expected: "\(layers.classes)")
      }
      return .classes(names)
    case (nil, let number?):
      guard layers.classes == 1, number.mean.isFinite, number.deviation > 0, number.deviation.isFinite else {
        throw TrainedModel.Unfit(
          found: "a number of mean \(number.mean) and deviation \(number.deviation) from \(layers.classes) outputs",
          expected: "one output, a mean, and a deviation above 0")
      }
      return .number(mean: number.mean, deviation: number.deviation)
    default:
      throw TrainedModel.Unfit(
        found: "\(number == nil ? "neither" : "both") classes and number", expected: "one of the two")
    }
  }

  /// What sequences are made from.
  ///
  /// - Throws: `Unfit` if that is not sound, or does not give the features that the network reads.
  func input() throws(TrainedModel.Unfit) -> SequenceInput {
    switch (preprocessing, series) {
    case (let image?, nil):
      try check(image)
      return .images(image)
    case (nil, let series?):
      let scaling = series.scaling, numbers = scaling.mean + scaling.scale + series.fill
      guard
        scaling.mean.count == scaling.scale.count, series.fill.count == scaling.mean.count,
        numbers.allSatisfy(\.isFinite), (1...Int(Int32.max)).contains(series.steps)
      else {
        throw TrainedModel.Unfit(
          found: "a series of \(series.steps) steps, \(scaling.mean.count) means, \(scaling.scale.count) scales and "
            + "\(series.fill.count) numbers to fill in",
          expected: "as many of each, all finite, and at least one step")
      }
      guard series.features == layers.inputs else {
        throw TrainedModel.Unfit(
          found: "a series of \(series.features) features", expected: "\(layers.inputs) features in each step")
      }
      return .series(series)
    default:
      throw TrainedModel.Unfit(
        found: "\(series == nil ? "neither" : "both") preprocessing and series", expected: "one of the two")
    }
  }

  private func check(_ image: Preprocessing) throws(TrainedModel.Unfit) {
    guard (1...Self.largestSize).contains(image.height), (1...Self.largestSize).contains(image.width) else {
      throw TrainedModel.Unfit(
        found: "images of \(image.height)×\(image.width) pixels", expected: "each from 1 to \(Self.largestSize)")
    }
    // Some views list every pixel: not before it is known that there are not billions.
    guard
      image.height * image.width <= Self.mostPixels, max(image.height, image.width) <= Self.mostPixelsOfASide
    else {
      throw TrainedModel.Unfit(
        found: "images of \(image.height)×\(image.width) pixels",
        expected: "at most \(Self.mostPixels) pixels, and \(Self.mostPixelsOfASide) in a row or column")
    }
    guard image.layout.features == layers.inputs, image.scale.isFinite, image.shift.isFinite else {
      throw TrainedModel.Unfit(
        found: "\(image.view.rawValue) of \(image.height)×\(image.width) pixels",
        expected: "\(layers.inputs) features in each step")
    }
  }

  /// Checks all that is not about input and target, before anything is allocated for it.
  ///
  /// - Throws: `Unfit` with the first thing that is wrong.
  func checkSizes() throws(TrainedModel.Unfit) {
    guard architecture == SequenceClassifier.architecture else {
      throw TrainedModel.Unfit(found: "architecture \(architecture)", expected: SequenceClassifier.architecture)
    }
    guard (1...64).contains(layers.count) else {
      throw TrainedModel.Unfit(found: "\(layers.count) recurrent layers", expected: "from 1 to 64")
    }
    let sizes = [layers.inputs, layers.width, layers.hidden, layers.classes]
    guard sizes.allSatisfy({ (1...Self.largestSize).contains($0) }) else {
      throw TrainedModel.Unfit(found: "sizes \(sizes)", expected: "each from 1 to \(Self.largestSize)")
    }
    if let source, !source.isSound {
      throw TrainedModel.Unfit(
        found: "a source of series that cannot be read",
        expected: "a test share between 0 and 1, and features in a step")
    }
    if let validation {
      let count = validation.count, most = Int(Int32.max)
      guard (0...most).contains(count) else {
        throw TrainedModel.Unfit(
          found: "\(count) sequences set apart for validation", expected: "from 0 to \(most)")
      }
      let total = validation.total
      guard (count + 1...most + 1).contains(total) else {
        throw TrainedModel.Unfit(
          found: "\(count) of \(total) sequences set apart for validation", expected: "of \(count + 1) to \(most + 1)")
      }
    }
  }

  /// Checks the temperatures of a network that reads so many steps.
  ///
  /// - Throws: `Unfit` with the first thing that is wrong.
  func checkTemperatures(steps: Int) throws(TrainedModel.Unfit) {
    guard let temperatures else { return }
    let range = TrainedModel.temperatureRange
    guard temperatures.count == steps else {
      throw TrainedModel.Unfit(found: "\(temperatures.count) temperatures", expected: "\(steps), one for each step")
    }
    if let wrong = temperatures.first(where: { !range.contains($0) }) {
      throw TrainedModel.Unfit(
        found: "a temperature of \(wrong)", expected: "from \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
