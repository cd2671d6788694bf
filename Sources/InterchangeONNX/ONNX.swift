import Foundation
import Training

/// Models as files of ONNX, the format that most runtimes of neural networks read (https://onnx.ai).
///
///     try ONNX.save(model, to: URL(filePath: "model.onnx"))
///     let network = try ONNX.load(from: URL(filePath: "model.onnx"))
///
/// ONNX is written in protocol buffers, and the code for those takes longer to build than all of Unroll. So it is built
/// only where the package's trait `ONNX` is on: `swift build -c release --traits ONNX`. Without it ``isBuiltIn`` is false,
/// and both functions throw ``ONNXError/notBuiltIn``.
///
/// A file's graph takes raw features `sequences` [batch, steps, features], scales them as the model does, and gives
/// `logits` [batch, classes], `probabilities` [batch, classes], calibrated where the model is, and, of a network that reads
/// in one direction, `logits_every_step` [batch, steps, classes]. Batch and steps may be any. It has standard operators
/// alone, those of LSTM, GRU and RNN among them.
public enum ONNX {
  /// Whether this build can write and read files of ONNX.
  public static var isBuiltIn: Bool {
    #if ONNX
      true
    #else
      false
    #endif
  }

  /// The version of the standard operators that files are written with.
  public static let operatorSet = 17

  /// The version of the file format that is written.
  public static let irVersion = 8

  /// Writes a model to a file, as a whole or not at all.
  ///
  /// - Parameters:
  ///   - model: The model. Products in bf16 become products in single precision.
  ///   - url: The file to write.
  ///   - takesLengths: Whether the graph has another input, `lengths` [batch] int32: the true length of each row, from 1 to
  ///     steps. It may be left out by whoever runs the graph. Some runtimes know no lengths at all.
  /// - Throws: `ONNXError.noOperator` for a layer-norm LSTM, `ONNXError.notBuiltIn`, or `FileError` if the file cannot be
  ///   written.
  public static func save(_ model: TrainedModel, to url: URL, takesLengths: Bool = true) throws {
    let graph = try ONNXGraph(model, takesLengths: takesLengths)
    try AtomicFile.write(try graph.encoded(), to: url)
  }

  /// Reads the network of a file that `save` or PyTorch's exporter has written: linear layers, recurrent layers of one
  /// kind, and a linear head.
  ///
  /// - Throws: `FileError` if the file cannot be read, `ONNXError.unfit` if it is damaged, or its graph does something else,
  ///   `ONNXError.notBuiltIn`.
  public static func load(from url: URL) throws -> ONNXNetwork {
    let file = try OpenFile.reading(url)
    let size = Int(try file.status().st_size),
      most = min(Int(Int32.max), Int(ProcessInfo.processInfo.physicalMemory / 64))
    guard size <= most else {
      // An empty operator takes 2 bytes of a file and some 100 of memory.
      throw ONNXError.unfit(path: url.path, found: "\(size) bytes", expected: "at most \(most) on this machine")
    }
    let graph = try ONNXGraph(encoded: try file.read(count: size, at: 0), path: url.path)
    do throws(ONNXRefusal) {
      return try graph.network()
    } catch {
      throw ONNXError(error, path: url.path)
    }
  }
}
