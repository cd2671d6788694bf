import Foundation
import Recurrent
import Tensors
import Training

/// A network as a C library of two files, `net.c` and `net.h`, that reads a sequence one step at a time.
///
///     try CNetwork(PortableModel(model), name: "net").write(to: URL(fileURLWithPath: "net.c"))
///
/// It is C99, needs `<math.h>` and nothing else, takes no memory and writes to nothing but the state that its caller owns.
/// It computes what `Reader` does, in single precision and in another order, so that the last digits differ.
public struct CNetwork: Sendable {
  /// What the weights are stored in. Sums, states, biases and factors are floats in any case.
  public enum Weights: String, Sendable, CaseIterable, Codable {
    /// Single precision, exactly.
    case float32
    /// 8 bits, with a scale for each row of a matrix: a quarter of the bytes. See `PortableModel.roundedToInt8()`.
    case int8
  }

  /// What its functions begin with.
  public let name: String
  /// What the weights are stored in.
  public let weights: Weights
  let model: PortableModel
  let parts: ReadingLayers
  let cell: CCell
  let matrices: [CMatrix]
  let vectors: [CArray]

  /// A network as C.
  ///
  /// - Parameters:
  ///   - model: A network that reads in one direction.
  ///   - name: What its functions begin with.
  ///   - weights: What the weights are stored in; single precision by default.
  /// - Precondition: The name is an identifier; the recurrent layers are of one size.
  /// - Throws: `ExportError` if the network is bidirectional, or has numbers that are not finite.
  public init(_ model: PortableModel, name: String, weights: Weights = .float32) throws(ExportError) {
    precondition(Self.isIdentifier(name), "\(name): not an identifier of C")
    let parts = try ReadingLayers(of: model.network), hidden = parts.layers[0].hiddenSize
    precondition(
      parts.layers.allSatisfy { $0.hiddenSize == hidden }, "layers of sizes \(parts.layers.map(\.hiddenSize))")
    self.name = name
    self.weights = weights
    self.model = model
    self.parts = parts
    cell = CCell(parts.layers[0].kind)
    var matrices: [CMatrix] = [], vectors: [CArray] = []
    func add(_ name: String, _ linear: Linear, biasCount: String) {
      matrices.append(CMatrix(name, linear.weight, weights))
      vectors.append(CArray("\(name)_bias", biasCount, linear.bias.floats, "what is added to each output"))
    }
    let scaling = model.featureScaling
    // The addition turns a negative zero into one that people expect.
    vectors.append(CArray("feature_mean", "FEATURES", scaling.mean.map { $0 + 0 }, "what is taken from each feature"))
    vectors.append(CArray("feature_scale", "FEATURES", scaling.scale, "what the rest is multiplied by"))
    if let temperatures = model.temperatures {
      vectors.append(
        CArray("temperatures", "STEPS", temperatures, "what the logits after each step are divided by"))
    }
    if let input = parts.input { add("input", input, biasCount: "WIDTH") }
    for (index, layer) in parts.layers.enumerated() {
      let prefix = "layer_\(index)"
      for vector in cell.vectors {
        vectors.append(
          CArray(
            "\(prefix)_\(vector.name)", CCell.units(vector.length), vector.numbers(in: layer), vector.comment))
      }
      matrices.append(CMatrix("\(prefix)_of_input", layer.weightIH, weights))
      matrices.append(CMatrix("\(prefix)_of_state", layer.weightHH, weights))
    }
    add("head", parts.head, biasCount: "OUTPUTS")
    self.matrices = matrices
    self.vectors = vectors
  }

  /// The features of a step.
  var features: Int { model.network.inputSize }
  /// The size of a layer's state.
  var hidden: Int { parts.layers[0].hiddenSize }
  /// Whether the probabilities depend on how many steps were read.
  var countsSteps: Bool { model.temperatures != nil }

  /// Bytes of all constants in a compiled program.
  public var constantBytes: Int {
    (vectors + matrices.flatMap(\.arrays)).reduce(0) { $0 + $1.byteCount }
  }

  /// Bytes of a state where a float and an int have 4.
  public var stateBytes: Int {
    let states = parts.layers.count * hidden * (parts.layers[0].kind.hasCellState ? 2 : 1)
    return 4 * (states + cell.sums * hidden + features + (parts.input?.outputSize ?? 0) + (countsSteps ? 1 : 0))
  }

  /// Where the header of a source file stands.
  public static func header(of source: URL) -> URL { source.deletingPathExtension().appendingPathExtension("h") }

  /// Writes the source file and, beside it, its header. Neither is ever half written; the header is put in place last.
  ///
  /// - Precondition: The file's name is one that `isFileName` admits.
  /// - Throws: `FileError`
  public func write(to source: URL) throws(FileError) {
    precondition(Self.isFileName(source.lastPathComponent), "\(source.lastPathComponent): not a name of a C file")
    let header = Self.header(of: source)
    try AtomicFile.write(to: header) { file throws(FileError) in
      try file.write(Array(self.header(named: header.lastPathComponent).utf8))
      try AtomicFile.write(self.source(named: source.lastPathComponent, header: header.lastPathComponent), to: source)
    }
  }
}

/// A matrix as C has it: the weights of one input behind those of another, so that a product adds whole columns, which a
/// compiler turns into vector instructions without being allowed to reorder sums.
struct CMatrix {
  let name: String
  let inputs, outputs: Int
  /// The weights, and the scale of each output where they are bytes.
  let arrays: [CArray]

  /// - Parameters:
  ///   - name: What the names of its arrays begin with.
  ///   - matrix: [outputs, inputs].
  ///   - weights: What they are stored in.
  init(_ name: String, _ matrix: Tensor, _ weights: CNetwork.Weights) {
    let (outputs, inputs) = (matrix.shape[0], matrix.shape[1])
    func byInput<Element>(_ rows: [Element]) -> [Element] {
      (0..<inputs).flatMap { input in (0..<outputs).map { rows[$0 * inputs + input] } }
    }
    self.name = name
    self.inputs = inputs
    self.outputs = outputs
    let count = "\(inputs) * \(outputs)", comment = "\(outputs) weights for each of \(inputs) inputs"
    switch weights {
    case .float32:
      arrays = [CArray("\(name)_weights", count, byInput(matrix.floats), comment)]
    case .int8:
      let rounded = QuantizedMatrix(rounding: matrix)
      arrays = [
        CArray("\(name)_weights", count, byInput(rounded.values), comment),
        CArray("\(name)_scales", "\(outputs)", rounded.scales, "what the weights of each output are multiplied by"),
      ]
    }
  }

  /// The matrix as an initializer of the struct `matrix`.
  var initializer: String { "{\(([String(inputs), String(outputs)] + arrays.map(\.name)).joined(separator: ", "))}" }
}
