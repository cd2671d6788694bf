import Recurrent
import Tensors
import Training

/// Which layers of a network are where in a file of another tool, found by names and shapes alone.
struct FoundLayers {
  private let layout: any WeightLayout
  private let names: ArrayNames
  private let cell: CellKind
  /// What the first recurrent layer reads, and the size of the layers' state.
  private let width, hidden: Int
  private let layers: [[LayerPlace]]
  private let input: LinearPlace?
  private let head: LinearPlace
  private let inputs, classes: Int

  /// - Throws: `WeightProblem` if the layers that there are make no network, or several.
  init(
    in shapes: [String: [Int]], _ layout: any WeightLayout, cell: CellKind?, names: WeightNames
  ) throws(WeightProblem) {
    self.layout = layout
    let arrays = ArrayNames(shapes: shapes, separator: layout.separator)
    self.names = arrays
    layers = try layout.recurrentPlaces(among: arrays, named: names.recurrent)
    let directions = layers[0].count, seen = Set(layers.map(\.count)).sorted()
    guard (1...64).contains(layers.count), seen == [directions] else {
      throw WeightProblem(
        text: """
          \(layers.count) recurrent layers, reading in \(seen) directions; expected from 1 to 64, all in one direction or \
          all in both
          """)
    }
    for place in layers.joined() {
      if let objection = layout.objection(to: place, arrays) { throw WeightProblem(text: objection) }
    }

    let hiddenWeights = layout.hiddenWeights.map(layers[0][0].name).first(where: arrays.contains) ?? ""
    let shape = shapes[hiddenWeights] ?? [], matrix = layout.isTransposed ? shape.reversed() : shape
    guard matrix.count == 2, (1...65_536).contains(matrix[1]), [1, 3, 4].map({ $0 * matrix[1] }).contains(matrix[0])
    else {
      throw WeightProblem(
        text: """
          \(hiddenWeights) has shape \(shape), expected 4 (LSTM), 3 (GRU) or 1 (plain) gates of as many units as there are \
          in the state: \(layout.isTransposed ? "[hidden, gates·hidden]" : "[gates·hidden, hidden]")
          """)
    }
    hidden = matrix[1]
    self.cell = try Self.cell(cell, gates: matrix[0] / hidden, of: hiddenWeights)

    // Where the weights of the input have another rank, their check says so.
    let parts = layout.parts(self.cell, inputs: 0, hidden: 0)
    let inputShape = shapes[layers[0][0].name(parts[0].name)] ?? []
    width = (layout.isTransposed ? inputShape.first : inputShape.last) ?? 0

    let recurrent = Set(layers.joined().map(\.before))
    // What has another rank belongs to another kind of layer, and will be unexpected.
    let linear = arrays.places(of: layout.linearWeight).filter { !recurrent.contains($0) }
      .compactMap { LinearPlace(before: $0, layout, arrays) }
    (input, head) = try Self.choose(from: linear, arrays, names: names, width: width, states: directions * hidden)
    inputs = input?.inputs ?? width
    classes = head.outputs
    guard [inputs, width, classes].allSatisfy({ (1...65_536).contains($0) }) else {
      throw WeightProblem(
        text: """
          \(inputs) features, a first recurrent layer of \(width) inputs and \(classes) classes; expected each from 1 to \
          65536
          """)
    }
    guard input != nil || inputs <= Linear.mostFeaturesOfIdentity else {
      throw WeightProblem(
        text: "no input layer in front of \(inputs) features: the identity stands for one up to "
          + "\(Linear.mostFeaturesOfIdentity)")
    }
  }

  /// The cell by its number of gates. Weights do not show a plain network's nonlinearity.
  private static func cell(_ cell: CellKind?, gates: Int, of array: String) throws(WeightProblem) -> CellKind {
    let seen: [Int: CellKind] = [4: .lstm, 3: .gru]
    guard let found = cell ?? seen[gates] else {
      throw WeightProblem(
        text:
          "\(array) is a plain network's, whose nonlinearity weights do not show: give --cell rnn for tanh, which is "
          + "usual, or --cell irnn for relu")
    }
    return found
  }

  /// Which of the linear layers is in front, if any, and which is the head: the one choice that uses all of them and
  /// fits.
  private static func choose(
    from linear: [LinearPlace], _ arrays: ArrayNames, names: WeightNames, width: Int, states: Int
  ) throws(WeightProblem) -> (LinearPlace?, LinearPlace) {
    func named(_ name: String?, _ flag: String) throws(WeightProblem) -> LinearPlace? {
      guard let name else { return nil }
      let before = try arrays.only(name, of: linear.map(\.before), flag: flag)
      return linear.first { $0.before == before }
    }
    let namedInput = try named(names.input, "--input"), namedHead = try named(names.head, "--head")
    // What is named is taken as it is: if it does not fit, its shape is what is wrong.
    if let namedInput, let namedHead { return (namedInput, namedHead) }
    let heads = namedHead.map { [$0] } ?? linear.filter { $0.inputs == states }
    let choices = heads.flatMap { head -> [(LinearPlace?, LinearPlace)] in
      let rest = linear.filter { $0 != head }
      if rest.isEmpty { return namedInput == nil ? [(nil, head)] : [] }
      guard rest.count == 1, namedInput.map({ $0 == rest[0] }) ?? (rest[0].outputs == width) else { return [] }
      return [(rest[0], head)]
    }
    guard let choice = choices.first, choices.count == 1 else {
      let found = linear.prefix(8).map { "\(arrays.list([$0.before])) \($0.inputs)→\($0.outputs)" }
      throw WeightProblem(
        text: """
          linear layers \(found.isEmpty ? "none" : found.joined(separator: ", ")); expected a head \(states)→classes, and at \
          most one more, features→\(width), in front of the recurrent layers; \
          \(choices.count > 1 ? "more than one choice fits: " : "")name them with --input and --head
          """)
    }
    return choice
  }

  /// All arrays that the file should have.
  var expected: [(name: String, shape: [Int])] {
    var expected: [(String, [Int])] = []
    for (place, outputs, inputs) in [(input, width, inputs), (head, classes, states)] {
      guard let place else { continue }
      expected.append((place.weight, layout.isTransposed ? [inputs, outputs] : [outputs, inputs]))
      if names.contains(place.bias) { expected.append((place.bias, [outputs])) }
    }
    for (place, inputs) in recurrentLayers {
      for part in parts(inputs: inputs, at: place) { expected.append((place.name(part.name), part.shape)) }
    }
    return expected
  }

  /// The network, from arrays that are as expected.
  func classifier(_ source: NamedArrays, on device: Device) -> SequenceClassifier {
    func linear(_ place: LinearPlace, outputs: Int, inputs: Int) -> Linear {
      let weight = source.floats(place.weight)
      let bias = names.contains(place.bias) ? source.floats(place.bias) : [Float](repeating: 0, count: outputs)
      return Linear(
        weight: Tensor(
          layout.isTransposed ? transposed(weight, rows: inputs, columns: outputs) : weight, shape: [outputs, inputs],
          on: device),
        bias: Tensor(bias, on: device))
    }
    let recurrent = recurrentLayers.map { place, inputs in
      let arrays = parts(inputs: inputs, at: place).map { ($0.name, source.floats(place.name($0.name))) }
      let layer = layout.read(cell, inputs: inputs, hidden: hidden, Dictionary(uniqueKeysWithValues: arrays))
      let rows = cell.gates * hidden
      return SequenceLayer(
        cell, weightIH: Tensor(layer.weightIH, shape: [rows, inputs], on: device),
        weightHH: Tensor(layer.weightHH, shape: [rows, hidden], on: device), biasIH: layer.biasIH, biasHH: layer.biasHH)
    }
    return SequenceClassifier(
      input: input.map { linear($0, outputs: width, inputs: inputs) } ?? .identity(inputs, on: device),
      layers: Array(recurrent.prefix(layers.count)), reverseLayers: Array(recurrent.dropFirst(layers.count)),
      head: linear(head, outputs: classes, inputs: states))
  }

  /// What was found, and what stands for what was not.
  var notes: [String] {
    let first = names.list([layers[0][0].before]), last = names.list([layers[layers.count - 1][0].before])
    var notes = [
      """
      \(cell.rawValue) \(first)\(first == last ? "" : " to \(last)"), \
      input layer \(input.map { names.list([$0.before]) } ?? "none"), head \(names.list([head.before]))
      """
    ]
    if input == nil { notes.append("no input layer: the identity of \(inputs) features stands for one") }
    let biases = layers.joined().flatMap { place in
      layout.parts(cell, inputs: width, hidden: hidden).filter(\.isBias).map { place.name($0.name) }
    }
    if !biases.isEmpty && !biases.contains(where: names.contains) {
      notes.append("no biases of the recurrent layers: zeros stand for them")
    }
    for place in [input, head].compactMap(\.self) where !names.contains(place.bias) {
      notes.append("no \(place.bias): zeros stand for it")
    }
    return notes
  }

  private var states: Int { layers[0].count * hidden }

  /// Each recurrent layer with what it reads: first those that read forward.
  private var recurrentLayers: [(LayerPlace, inputs: Int)] {
    layers[0].indices.flatMap { direction in
      layers.enumerated().map { ($1[direction], $0 == 0 ? width : states) }
    }
  }

  /// The arrays of a recurrent layer that are to be there: without its biases if it has none of them.
  private func parts(inputs: Int, at place: LayerPlace) -> [LayerPart] {
    let parts = layout.parts(cell, inputs: inputs, hidden: hidden)
    let hasBiases = parts.contains { $0.isBias && names.contains(place.name($0.name)) }
    return hasBiases ? parts : parts.filter { !$0.isBias }
  }
}

/// A linear layer in a file.
private struct LinearPlace: Equatable {
  let before, weight, bias: String
  let inputs, outputs: Int

  /// `nil` if the weights there are no matrix.
  init?(before: String, _ layout: any WeightLayout, _ arrays: ArrayNames) {
    self.before = before
    weight = before + layout.linearWeight
    bias = before + "bias"
    guard let shape = arrays.shapes[weight], shape.count == 2 else { return nil }
    (inputs, outputs) = layout.isTransposed ? (shape[0], shape[1]) : (shape[1], shape[0])
  }
}
