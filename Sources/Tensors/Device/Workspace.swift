/// What an op keeps alive while kernels run on raw pointers: scratch buffers, and the storage of its operands.
///
/// Swift may release an object right after its last mention, even while a pointer into it is in use. Pointers are
/// therefore only handed out inside `withWorkspace`, and hold until its end.
final class Workspace {
  let device: Device
  private var held: [Storage] = []

  fileprivate init(device: Device) { self.device = device }

  /// Uninitialized floats.
  func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    let storage = Storage(.float32, count: count, on: device)
    held.append(storage)
    return storage.floats
  }

  /// Uninitialized bytes.
  func bytes(_ count: Int) -> UnsafeMutableRawPointer {
    let storage = Storage(.uint8, count: count, on: device)
    held.append(storage)
    return storage.bytes
  }

  /// The first byte in `storage`.
  func bytes(in storage: Storage) -> UnsafeMutableRawPointer {
    held.append(storage)
    return storage.bytes
  }

  /// Floats that are all zero.
  func zeros(_ count: Int) -> UnsafeMutablePointer<Float> {
    let pointer = floats(count)
    pointer.update(repeating: 0, count: count)
    return pointer
  }

  /// The first element of `tensor`, which is on this device and holds `Element`s.
  func pointer<Element: TensorElement>(
    to tensor: Tensor, as type: Element.Type = Element.self
  ) -> UnsafeMutablePointer<Element> {
    let storage = tensor.checkedStorage
    precondition(storage.device === device, "tensors of two devices in one op: \(storage.device) and \(device)")
    held.append(storage)
    return storage.pointer(to: type) + tensor.offset
  }

  /// The first float in `storage`.
  func floats(in storage: Storage) -> UnsafeMutablePointer<Float> {
    held.append(storage)
    return storage.floats
  }

  /// The first float of `tensor`.
  func floats(of tensor: Tensor) -> UnsafeMutablePointer<Float> { pointer(to: tensor) }
}

/// Calls `body` with a workspace on `device`; its pointers are good until `body` returns.
func withWorkspace<Result>(on device: Device, _ body: (Workspace) -> Result) -> Result {
  let workspace = Workspace(device: device)
  return withExtendedLifetime(workspace) { body(workspace) }
}
