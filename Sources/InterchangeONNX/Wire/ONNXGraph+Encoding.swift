#if ONNX
  import Foundation
  import SwiftProtobuf
  import Training

  extension ONNXGraph {
    /// The bytes of a file with this graph. Equal graphs give equal bytes.
    package func encoded() throws -> [UInt8] {
      let model = WireModel.with {
        $0.irVersion = Int64(ONNX.irVersion)
        $0.producerName = "unroll"
        $0.producerVersion = unrollVersion
        $0.opsetImport = [.with { $0.version = Int64(operatorSet) }]
        $0.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
          .with { ($0.key, $0.value) = (key, value) }
        }
        $0.graph = .with {
          $0.name = "unroll"
          $0.node = nodes.map(\.wire)
          $0.initializer = constants.map { $0.value.wire(named: $0.name) }
          $0.input = inputs.map(\.wire)
          $0.output = outputs.map(\.wire)
        }
      }
      return try model.serializedBytes()
    }
  }

  extension ONNXGraph.Node {
    fileprivate var wire: WireNode {
      .with {
        $0.opType = operation
        // Checkers want a name that no other node has: that of what it makes.
        $0.name = outputs.first { !$0.isEmpty } ?? operation
        $0.input = inputs
        $0.output = outputs
        $0.attribute = attributes.sorted { $0.key < $1.key }.map { $0.value.wire(named: $0.key) }
      }
    }
  }

  extension ONNXGraph.Attribute {
    fileprivate func wire(named name: String) -> WireAttribute {
      .with {
        $0.name = name
        switch self {
        case .integer(let value): ($0.type, $0.i) = (.int, Int64(value))
        case .integers(let values): ($0.type, $0.ints) = (.ints, values.map(Int64.init))
        case .float(let value): ($0.type, $0.f) = (.float, value)
        case .floats(let values): ($0.type, $0.floats) = (.floats, values)
        case .text(let value): ($0.type, $0.s) = (.string, Data(value.utf8))
        case .texts(let values): ($0.type, $0.strings) = (.strings, values.map { Data($0.utf8) })
        case .tensor(let value): ($0.type, $0.t) = (.tensor, value.wire(named: ""))
        case .other: break
        }
      }
    }
  }

  extension ONNXConstant {
    fileprivate func wire(named name: String) -> WireTensor {
      .with {
        $0.name = name
        $0.dims = shape.map(Int64.init)
        $0.dataType = elementType.wire
        switch elements {
        case .float(let values): $0.rawData = bytes(of: values.map(\.bitPattern.littleEndian))
        case .int32(let values): $0.rawData = bytes(of: values.map(\.littleEndian))
        case .int64(let values): $0.rawData = bytes(of: values.map(\.littleEndian))
        case .other: break
        }
      }
    }

    private func bytes<Value>(of values: [Value]) -> Data { values.withUnsafeBytes { Data($0) } }
  }

  extension ONNXConstant.ElementType {
    fileprivate var wire: WireDataType {
      switch self {
      case .float: .float
      case .int32: .int32
      case .int64: .int64
      case .other: .undefined
      }
    }
  }

  extension ONNXGraph.Port {
    fileprivate var wire: WireValueInfo {
      .with {
        $0.name = name
        $0.type.tensorType.elemType = type.wire
        $0.type.tensorType.shape.dim = shape.map { dimension in
          .with {
            switch dimension {
            case .size(let size): $0.dimValue = Int64(size)
            case .named(let name): $0.dimParam = name
            }
          }
        }
      }
    }
  }
#endif
