// Everything that a user of the library needs, under one import.

@_exported import Datasets
@_exported import Drawing
@_exported import Interchange
@_exported import Recurrent
@_exported import Tensors
@_exported import Training
