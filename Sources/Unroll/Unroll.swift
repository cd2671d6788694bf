// Everything that a user of the library needs, under one import. The compiler's part is what `Differentiable` and
// `@differentiable` come from, which a network of one's own is declared with.

@_exported import Datasets
@_exported import Drawing
@_exported import Interchange
@_exported import InterchangeONNX
@_exported import Recurrent
@_exported import Tensors
@_exported import Training
@_exported import _Differentiation
