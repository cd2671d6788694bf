import Tensors

/// What a tool calls the arrays of its layers, and how it lays them out.
protocol WeightLayout: Sendable {
  /// The tool's name.
  var tool: String { get }
  /// What stands between the parts of an array's name.
  var separator: Character { get }
  /// What a linear layer's weights are called within it; its bias is `bias`.
  var linearWeight: String { get }
  /// Whether matrices are [inputs, outputs].
  var isTransposed: Bool { get }
  /// What the weights of the hidden state are called, whatever the cell, where each layer is one of its own.
  var hiddenWeights: [String] { get }

  /// The recurrent layers in a file, each with its place or, where it reads in both directions, its two places.
  ///
  /// - Throws: `WeightProblem` if there are none, or it cannot be seen which and in what order.
  func recurrentPlaces(among arrays: ArrayNames, named: [String]) throws(WeightProblem) -> [[LayerPlace]]

  /// The places of recurrent layers in a file that is to be written.
  ///
  /// - Parameters:
  ///   - count: How many layers there are.
  ///   - directions: In how many directions each reads.
  ///   - cell: Their kind.
  ///   - named: What they are to be called; empty: as usual.
  /// - Returns: The places of each layer, one for each direction.
  /// - Throws: `WeightProblem` if the tool has no such layers, or there are names for another number of them.
  func places(count: Int, directions: Int, cell: CellKind, named: [String]) throws(WeightProblem) -> [[LayerPlace]]

  /// The arrays of a recurrent layer.
  func parts(_ cell: CellKind, inputs: Int, hidden: Int) -> [LayerPart]

  /// A layer from its arrays, by their names within it; those that are not there are biases of zero.
  func read(_ cell: CellKind, inputs: Int, hidden: Int, _ arrays: [String: [Float]]) -> LayerArrays

  /// A layer's arrays, by their names within it.
  func write(_ cell: CellKind, inputs: Int, hidden: Int, _ layer: LayerArrays) -> [String: [Float]]

  /// What is known to be another function, in words, among the arrays of a layer.
  func objection(to place: LayerPlace, _ arrays: ArrayNames) -> String?
}

/// One recurrent layer in one direction, as PyTorch lays it out.
struct LayerArrays {
  /// [gates·hidden, inputs] and [gates·hidden, hidden], gates in the order i f g o, or r z n.
  var weightIH, weightHH: [Float]
  /// [gates·hidden] each.
  var biasIH, biasHH: [Float]
}

/// An array of a recurrent layer: its name within the layer, and its shape.
struct LayerPart {
  let name: String
  let shape: [Int]
  let isBias: Bool

  init(_ name: String, _ shape: [Int], isBias: Bool = false) {
    self.name = name
    self.shape = shape
    self.isBias = isBias
  }
}

/// Where a layer is among a file's arrays: what stands before and behind the name of each of its arrays.
struct LayerPlace: Hashable {
  var before: String
  var after = ""

  func name(_ part: String) -> String { before + part + after }
}

/// Why a file cannot be read or written, in words; whoever knows the file's path makes an error of it.
struct WeightProblem: Error {
  let text: String
}

/// A matrix [rows, columns] as [columns, rows].
func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
  Tensor(values, shape: [rows, columns]).transposed().floats
}
