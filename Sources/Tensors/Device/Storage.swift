/// What a tensor's elements are.
public enum ElementType: String, Sendable {
  case float32, uint8, int32

  /// Bytes per element.
  public var size: Int { self == .uint8 ? 1 : 4 }
}

/// A Swift type that tensors can hold.
public protocol TensorElement: Sendable {
  /// What a tensor of such elements calls them.
  static var elementType: ElementType { get }
}

extension Float: TensorElement {
  /// `float32`
  public static var elementType: ElementType { .float32 }
}
extension UInt8: TensorElement {
  /// `uint8`
  public static var elementType: ElementType { .uint8 }
}
extension Int32: TensorElement {
  /// `int32`
  public static var elementType: ElementType { .int32 }
}

/// The bytes behind tensors: taken from the device's pool, given back when the last tensor lets go.
///
/// Written only by whoever has just made it or knows that it holds the only reference; that is what makes it sendable.
final class Storage: @unchecked Sendable {
  let device: Device
  let elementType: ElementType
  let count: Int
  private let pointer: UnsafeMutableRawPointer

  /// Uninitialized storage.
  init(_ elementType: ElementType, count: Int, on device: Device) {
    self.device = device
    self.elementType = elementType
    self.count = count
    pointer = device.pool.take(byteCount: count * elementType.size)
  }

  deinit { device.pool.give(pointer, byteCount: count * elementType.size) }

  /// The elements as `Element`, which must be what is stored.
  func pointer<Element: TensorElement>(to: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    precondition(Element.elementType == elementType, "\(Element.self) asked of a tensor of \(elementType)")
    return pointer.assumingMemoryBound(to: Element.self)
  }

  /// The elements as bytes.
  var bytes: UnsafeMutableRawPointer { pointer }

  /// The elements as floats.
  var floats: UnsafeMutablePointer<Float> { pointer() }
}
