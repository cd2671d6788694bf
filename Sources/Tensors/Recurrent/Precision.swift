import CKernels

/// What a recurrent layer's products are computed in. Sums, states, parameters and gradients are float32 in any case.
public enum Precision: String, Sendable, CaseIterable, Codable {
  /// Single precision.
  case fp32
  /// Factors are rounded to bfloat16, which has the range of a float and 8 significant bits; twice as fast where the
  /// processor multiplies it (AVX512_BF16).
  case bf16
}

extension Device {
  /// Whether recurrent layers on this device can have products of that precision.
  public func supports(_ precision: Precision) -> Bool { precision == .fp32 || bf16 != nil }

  /// The kernels of that precision.
  ///
  /// - Precondition: The device supports it.
  func products(_ precision: Precision) -> UnrollProducts {
    switch (precision, bf16) {
    case (.fp32, _): return kernels.fp32
    case (.bf16, let bf16?): return bf16
    case (.bf16, nil): preconditionFailure("products in bf16 on a device that has none: \(self)")
    }
  }
}
