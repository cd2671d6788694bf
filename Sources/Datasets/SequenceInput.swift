import Tensors

/// What a network's sequences are made from. A model file carries it, so that prediction takes raw images or numbers.
public enum SequenceInput: Sendable, Hashable {
  /// From images of one size.
  case images(Preprocessing)
  /// From sequences of numbers.
  case series(SeriesPreprocessing)

  /// Features of a step.
  public var features: Int {
    switch self {
    case .images(let preprocessing): preprocessing.layout.features
    case .series(let preprocessing): preprocessing.features
    }
  }

  /// Steps of a sequence; of series that have several lengths, those of the longest that were learned from.
  public var steps: Int {
    switch self {
    case .images(let preprocessing): preprocessing.layout.steps
    case .series(let preprocessing): preprocessing.steps
    }
  }

  /// What is done to images, where there are any.
  public var images: Preprocessing? {
    if case .images(let preprocessing) = self { preprocessing } else { nil }
  }

  /// What is done to series, where there are any.
  public var series: SeriesPreprocessing? {
    if case .series(let preprocessing) = self { preprocessing } else { nil }
  }

  /// What is read at a step: "row", or "step" of a series.
  public var stepName: String { images?.view.stepName ?? "step" }
  /// What is read at several steps: "rows".
  public var stepNames: String { images?.view.stepNames ?? "steps" }
}

/// What a network is asked about a sequence.
public enum SequenceTarget: Sendable, Hashable {
  /// Which class it belongs to; the name of each.
  case classes([String])
  /// A number. The network's own output is (number − `mean`) / `deviation`, which has a mean of 0 and a standard deviation of
  /// 1 in training.
  case number(mean: Float, deviation: Float)

  /// The name of each class; none where a number is asked for.
  public var classNames: [String] {
    if case .classes(let names) = self { names } else { [] }
  }

  /// The outputs that a network has for it.
  public var outputs: Int {
    if case .classes(let names) = self { names.count } else { 1 }
  }
}
