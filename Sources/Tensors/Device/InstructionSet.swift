import CKernels

/// A processor's vector instructions, as far as the kernels distinguish them.
public enum InstructionSet: String, Sendable, CaseIterable, Comparable {
  /// What every processor of the architecture has: SSE2 or NEON, vectors of 4 floats.
  case baseline
  /// AVX2 with FMA, vectors of 8 floats.
  case avx2
  /// AVX-512 (F, BW, CD, DQ, VL), vectors of 16 floats.
  case avx512

  /// Whether `a` has the narrower vectors.
  public static func < (a: InstructionSet, b: InstructionSet) -> Bool { a.width < b.width }

  private var width: Int {
    switch self {
    case .baseline: 4
    case .avx2: 8
    case .avx512: 16
    }
  }

  /// The instruction sets that this processor runs, widest first.
  public static var supported: [InstructionSet] {
    allTables.compactMap { InstructionSet(rawValue: String(cString: $0.pointee.name)) }
  }

  private static var allTables: [UnsafePointer<UnrollKernels>] {
    Array(
      sequence(state: Int32(0)) { index in
        defer { index += 1 }
        return unroll_kernels(index)
      })
  }

  /// The widest table that this processor runs and that is not wider than `self`.
  var kernels: UnsafePointer<UnrollKernels> {
    let table = Self.allTables.first { table in
      InstructionSet(rawValue: String(cString: table.pointee.name)).map { $0 <= self } ?? false
    }
    guard let table else { preconditionFailure("the baseline kernels are missing from this build") }
    return table
  }
}
