import Tensors
import _Differentiation

extension Tensor {
  /// One gate of several side by side, as a view: columns `index`·size ..< (`index` + 1)·size of [batch, gates·size].
  @differentiable(reverse,wrt: self)
  func gate(_ index: Int, of size: Int) -> Tensor { sliced(alongAxis: 1, index * size..<(index + 1) * size) }
}
