import _Differentiation

/// The weight and bias of two linear layers, one behind the other, as one.
package struct FoldedLinear: Differentiable {
  /// [outputs, inputs]; rows may be further apart than they are long.
  package var weight: Tensor
  /// As long as the outer bias.
  package var bias: Tensor

  @differentiable(reverse)
  init(weight: Tensor, bias: Tensor) {
    self.weight = weight
    self.bias = bias
  }
}

/// Folds the linear layer x ↦ V·x + v into what follows it: W·(V·x + v) + b = (W·V)·x + (W·v + b).
///
/// One product makes both parts, W·[V | v], and two their gradients: a small batch spends a tenth of an update here.
///
/// - Parameters:
///   - weight: V, [inner, inputs].
///   - bias: v, [inner].
///   - outerWeight: W, [outputs, inner].
///   - outerBias: b; what it has beyond `outputs` elements stays as it is, as a GRU's bias that adds to no gate.
/// - Returns: W·V and W·v + b.
/// - Precondition: The sizes agree.
@differentiable(reverse)
package func foldedLinear(weight: Tensor, bias: Tensor, outerWeight: Tensor, outerBias: Tensor) -> FoldedLinear {
  let (inner, inputs, outputs) = (weight.shape[0], weight.shape[1], outerWeight.shape[0])
  precondition(
    bias.shape == [inner] && outerWeight.shape[1] == inner && outerBias.rank == 1 && outerBias.count >= outputs,
    "\(weight.shape) and \(bias.shape) folded into \(outerWeight.shape) and \(outerBias.shape)")
  return outerWeight.device.times.measure(.linearLayers) {
    let product = matmul(outerWeight, augmented(weight, bias))
    let folded = Tensor(uninitialized: outerBias.shape, on: outerBias.device), outerBias = outerBias.dense()
    withWorkspace(on: folded.device) { workspace in
      let sums = workspace.floats(of: product), given = workspace.floats(of: outerBias)
      let out = workspace.floats(of: folded)
      for row in 0..<outputs { out[row] = given[row] + sums[row * (inputs + 1) + inputs] }
      for row in outputs..<folded.count { out[row] = given[row] }
    }
    return FoldedLinear(weight: product.sliced(alongAxis: 1, 0..<inputs), bias: folded)
  }
}

// With [C | c] = W·[V | v]: dW = [dC | dc]·[V | v]ᵀ and d[V | v] = Wᵀ·[dC | dc].
@derivative(of: foldedLinear)
package func _vjpFoldedLinear(weight: Tensor, bias: Tensor, outerWeight: Tensor, outerBias: Tensor)
  -> (value: FoldedLinear, pullback: (FoldedLinear.TangentVector) -> (Tensor, Tensor, Tensor, Tensor))
{
  let (inputs, outputs) = (weight.shape[1], outerWeight.shape[0])
  return (
    foldedLinear(weight: weight, bias: bias, outerWeight: outerWeight, outerBias: outerBias),
    { d in
      if d.weight.isSymbolicZero && d.bias.isSymbolicZero { return (.zero, .zero, .zero, .zero) }
      let device = outerWeight.device
      return device.times.measure(.linearLayers) {
        let dWeight = d.weight.isSymbolicZero ? Tensor.zeros([outputs, inputs], on: device) : d.weight
        let dBias = d.bias.isSymbolicZero ? Tensor.zeros([outputs], on: device) : d.bias
        let dProduct = augmented(dWeight, dBias)
        let dInner = matmul(outerWeight.transposed(), dProduct)
        return (
          dInner.sliced(alongAxis: 1, 0..<inputs).dense(), dInner.selected(inputs, alongAxis: 1).dense(),
          matmul(dProduct, augmented(weight, bias).transposed()), d.bias
        )
      }
    }
  )
}

/// [weight | bias], [rows, columns + 1]; a bias may have more elements than there are rows.
private func augmented(_ weight: Tensor, _ bias: Tensor) -> Tensor {
  let weight = weight.dense(), bias = bias.dense(), (rows, columns) = (weight.shape[0], weight.shape[1])
  let result = Tensor(uninitialized: [rows, columns + 1], on: weight.device)
  withWorkspace(on: weight.device) { workspace in
    let from = workspace.floats(of: weight), last = workspace.floats(of: bias), to = workspace.floats(of: result)
    for row in 0..<rows {
      let start = to + row * (columns + 1)
      start.update(from: from + row * columns, count: columns)
      start[columns] = last[row]
    }
  }
  return result
}
