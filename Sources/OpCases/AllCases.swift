extension OpCase {
  /// Every op of `Tensors` at the shapes that matter.
  public static let all =
    arithmetic + matmuls + reductions + views + activations + losses + gathers + warps + updates + recurrents
    + normalizations
}
