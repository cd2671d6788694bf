import Tensors
import _Differentiation

/// One of several gates that lie side by side: columns `index`·`size` ..< (`index` + 1)·`size` of `z`, [batch, gates·size].
@differentiable(reverse,wrt: z)
func gate(_ index: Int, of z: Tensor, size: Int) -> Tensor {
  z.sliced(alongAxis: 1, index * size..<(index + 1) * size)
}
