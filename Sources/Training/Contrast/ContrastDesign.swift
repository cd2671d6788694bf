/// How a static network is trained, to stand beside a recurrent one.
public struct ContrastDesign: Sendable, Equatable, Codable {
  /// Units of each hidden layer.
  public var hiddenSizes: [Int]
  /// How often the training set is read.
  public var epochs: Int
  /// Sequences per update.
  public var batchSize = 128
  /// The learning rate at its peak; it follows one cycle, with AdamW and the weight decay of `modern`.
  public var learningRate: Float = 2e-3
  /// Where all randomness comes from.
  public var seed: UInt64 = 1

  enum CodingKeys: String, CodingKey {
    case epochs, seed
    case hiddenSizes = "hidden_sizes"
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
  }

  /// A design; by default two hidden layers of 128 units, about as many parameters as the assignment's network has.
  public init(hiddenSizes: [Int] = [128, 128], epochs: Int = 5) {
    self.hiddenSizes = hiddenSizes
    self.epochs = epochs
  }
}
