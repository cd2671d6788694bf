import Unroll

/// Ends the process where a reader has broken a promise. Unlike `precondition`, it says which in a release build too.
func promise(_ holds: Bool, _ broken: @autoclosure () -> String = "") {
  if !holds { fatalError(broken()) }
}

/// What the readers of data promise of sequences: sizes that fit, and nothing infinite.
func check(_ sequences: LabeledSequences) {
  let steps = sequences.lengths.reduce(0, +)
  promise(sequences.count > 0 && sequences.lengths.allSatisfy { $0 > 0 } && sequences.features > 0)
  promise(sequences.values.count == steps * sequences.features && !sequences.values.contains { $0.isInfinite })
  switch sequences.targets {
  case .labels(let labels): promise(labels.count == sequences.count && labels.allSatisfy { !$0.isEmpty })
  case .numbers(let numbers): promise(numbers.count == sequences.count && numbers.allSatisfy(\.isFinite))
  case .none: break
  }
}

/// Reads data, which the reader may refuse as damaged, in one line of bearable length that begins with the name.
func refusing(_ name: String, _ read: () throws(DatasetError) -> Void) {
  do throws(DatasetError) {
    try read()
  } catch {
    let message = "\(error)"
    guard case .malformed = error else { fatalError("not malformed: \(message)") }
    promise(message.hasPrefix("\(name): ") && message.unicodeScalars.count < 1000, message)
    promise(!message.contains(where: \.isNewline), message)
  }
}

/// Reads a model or weights, which the reader may refuse by an error of its own, in one line.
func refusingModel(_ read: () throws -> Void) {
  do {
    try read()
  } catch {
    switch error {
    case is SafetensorsError, is ModelFileError, is WeightFileError, is ONNXError:
      promise(!"\(error)".contains(where: \.isNewline), "\(error)")
    default: fatalError("not an error of the reader's: \(error)")
    }
  }
}

/// Lets a network read two steps, as whoever has read it from a file would.
func check(_ network: SequenceClassifier) {
  let logits = network(Tensor([Float](repeating: 0.5, count: 2 * network.inputSize), shape: [1, 2, network.inputSize]))
  promise(logits.shape == [1, network.classes], "logits \(logits.shape)")
}
