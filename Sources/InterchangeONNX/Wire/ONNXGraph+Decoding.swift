#if ONNX
  import Foundation
  import SwiftProtobuf

  extension ONNXGraph {
    /// The versions of the standard operators that are understood, of those that this code uses.
    private static let operatorSets = 9...26

    /// The graph of a file. What nothing here uses of it is passed over.
    ///
    /// - Throws: `ONNXError.unfit` if the bytes are no such file, or cut off, or their arrays are not what they say.
    package init(encoded bytes: [UInt8], path: String) throws(ONNXError) {
      do throws(ONNXRefusal) {
        self = try Self.decoded(bytes)
      } catch {
        throw ONNXError(error, path: path)
      }
    }

    private static func decoded(_ bytes: [UInt8]) throws(ONNXRefusal) -> ONNXGraph {
      let model: WireModel
      do {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        model = try WireModel(serializedBytes: bytes, options: options)
      } catch {
        throw ONNXRefusal(
          found: "bytes that are no protocol buffer, or a part of one", expected: "a whole file of ONNX")
      }
      guard model.hasGraph, model.irVersion > 0 else {
        throw ONNXRefusal(found: "no graph of ONNX", expected: "a file of ONNX")
      }
      let standard = model.opsetImport.first { ["", "ai.onnx"].contains($0.domain) }?.version ?? 0
      guard let version = Int(exactly: standard), operatorSets.contains(version) else {
        throw ONNXRefusal(
          found: "version \(standard) of the standard operators",
          expected: "\(operatorSets.lowerBound) to \(operatorSets.upperBound)")
      }
      var graph = ONNXGraph(operatorSet: version)
      for node in model.graph.node { graph.nodes.append(try Node(node)) }
      for tensor in model.graph.initializer { graph.constants.append((tensor.name, try ONNXConstant(tensor))) }
      graph.inputs = model.graph.input.map(Port.init)
      graph.outputs = model.graph.output.map(Port.init)
      graph.metadata = Dictionary(model.metadataProps.map { ($0.key, $0.value) }) { first, _ in first }
      return graph
    }
  }

  extension ONNXGraph.Node {
    fileprivate init(_ wire: WireNode) throws(ONNXRefusal) {
      let isStandard = ["", "ai.onnx"].contains(wire.domain)
      self.init(
        operation: isStandard ? wire.opType : "\(wire.domain).\(wire.opType)", inputs: wire.input, outputs: wire.output)
      for attribute in wire.attribute { attributes[attribute.name] = try ONNXGraph.Attribute(attribute) }
    }
  }

  extension ONNXGraph.Attribute {
    fileprivate init(_ wire: WireAttribute) throws(ONNXRefusal) {
      func text(_ bytes: Data) -> String { String(decoding: bytes, as: UTF8.self) }
      switch wire.type {
      case .int: self = .integer(Int(wire.i))
      case .ints: self = .integers(wire.ints.map { Int($0) })
      case .float: self = .float(wire.f)
      case .floats: self = .floats(wire.floats)
      case .string: self = .text(text(wire.s))
      case .strings: self = .texts(wire.strings.map(text))
      case .tensor: self = .tensor(try ONNXConstant(wire.t))
      case .undefined, .UNRECOGNIZED: self = .other
      }
    }
  }

  extension ONNXConstant {
    fileprivate init(_ wire: WireTensor) throws(ONNXRefusal) {
      func refusal(_ found: String, _ expected: String) -> ONNXRefusal {
        ONNXRefusal(found: "\(found) in the tensor \(wire.name.quoted)", expected: expected)
      }
      guard wire.dataLocation == .default else {
        throw refusal("elements in another file", "a file that holds all its weights (external_data=False)")
      }
      var shape: [Int] = [], count = 1
      for extent in wire.dims {
        let (product, overflow) = count.multipliedReportingOverflow(by: Int(extent))
        guard extent >= 0, !overflow else { throw refusal("dimensions \(wire.dims.prefix(8))", "sizes") }
        shape.append(Int(extent))
        count = product
      }
      let elements: Elements =
        switch wire.dataType {
        case .float:
          .float(
            wire.rawData.isEmpty ? wire.floatData : values(wire.rawData, UInt32.self).map { Float(bitPattern: $0) })
        case .int32: .int32(wire.rawData.isEmpty ? wire.int32Data : values(wire.rawData, Int32.self))
        case .int64: .int64(wire.rawData.isEmpty ? wire.int64Data : values(wire.rawData, Int64.self))
        case .undefined, .UNRECOGNIZED: .other
        }
      let found =
        switch elements {
        case .float(let values): values.count
        case .int32(let values): values.count
        case .int64(let values): values.count
        case .other: count
        }
      guard found == count else { throw refusal("\(found) elements", "\(count) for the shape \(shape.prefix(8))") }
      self.init(shape: shape, elements)
    }
  }

  /// Little-endian numbers; what is left over at the end makes one more, so that the count is wrong.
  private func values<Value: FixedWidthInteger>(_ bytes: Data, _ type: Value.Type) -> [Value] {
    let size = MemoryLayout<Value>.size
    var values = [Value](repeating: 0, count: (bytes.count + size - 1) / size)
    values.withUnsafeMutableBytes { _ = bytes.copyBytes(to: $0) }
    return values.map(Value.init(littleEndian:))
  }

  extension ONNXGraph.Port {
    fileprivate init(_ wire: WireValueInfo) {
      let tensor = wire.type.tensorType
      self.init(
        name: wire.name, type: ONNXConstant.ElementType(tensor.elemType),
        shape: tensor.shape.dim.map { dimension in
          switch dimension.value {
          case .dimValue(let size): .size(Int(size))
          case .dimParam(let name): .named(name)
          case nil: .named("")
          }
        })
    }
  }

  extension ONNXConstant.ElementType {
    fileprivate init(_ wire: WireDataType) {
      self =
        switch wire {
        case .float: .float
        case .int32: .int32
        case .int64: .int64
        case .undefined, .UNRECOGNIZED: .other
        }
    }
  }
#endif
