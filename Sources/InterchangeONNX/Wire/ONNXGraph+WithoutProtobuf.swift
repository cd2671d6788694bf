#if !ONNX
  // A build without protocol buffers has the same functions, which say so.
  extension ONNXGraph {
    package func encoded() throws(ONNXError) -> [UInt8] { throw .notBuiltIn }

    package init(encoded bytes: [UInt8], path: String) throws(ONNXError) { throw .notBuiltIn }
  }
#endif
