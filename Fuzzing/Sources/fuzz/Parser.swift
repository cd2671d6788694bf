/// A reader of files, and what is needed to fuzz it.
struct Parser: Sendable {
  /// What `fuzz run` calls it.
  let name: String
  /// Good files, small ones, of every kind that the reader knows.
  let seeds: [[UInt8]]
  /// What has a meaning in the format, for libFuzzer to put in.
  let words: [String]
  /// Reads a file's bytes, whatever they are, and traps where the reader breaks a promise.
  let read: @Sendable ([UInt8]) -> Void
}

/// All of them; each has its file in `Parsers`.
let parsers: [Parser] = [.ts, .csv, .npy, .npz, .idx, .png, .pgm, .safetensors, .model, .weights, .onnx]
