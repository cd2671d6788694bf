#!/usr/bin/env python3
"""A Keras model's weights as a safetensors file by their paths, for `unroll import --from keras`; and back.

    pip install keras jax safetensors          # or another backend in place of jax; then set KERAS_BACKEND
    python keras_weights.py save MODEL.keras FILE.safetensors
    unroll import FILE.safetensors --from keras --output model.safetensors

    unroll export runs/… --keras FILE.safetensors
    python keras_weights.py load FILE.safetensors MODEL.keras TRAINED.keras

`load` puts the weights into a model of the same layers and writes that. For a file that ends in `.weights.h5`, build
the model, call its `load_weights`, and then `save` of this file. It knows nothing of gates: Unroll does.
"""

import sys

import keras
from safetensors.numpy import load_file, save_file


def save(model, path):
    """Writes all weights of a model by their paths."""
    save_file({weight.path: keras.ops.convert_to_numpy(weight) for weight in model.weights}, path)


def load(model, path):
    """Puts the arrays of a file into a model: each into the weight whose path is its name, or ends with it.

    Raises ValueError if a weight has no array, an array no weight, or their shapes differ.
    """
    arrays = load_file(path)
    found = {}
    for weight in model.weights:
        names = [name for name in arrays if f"/{weight.path}".endswith(f"/{name}")]
        if len(names) != 1 or names[0] in found:
            raise ValueError(f"{path}: {len(names)} arrays for {weight.path}, expected one of its own")
        if arrays[names[0]].shape != tuple(weight.shape):
            raise ValueError(f"{path}: {names[0]} is {arrays[names[0]].shape}, {weight.path} {tuple(weight.shape)}")
        found[names[0]] = weight
    if unused := arrays.keys() - found.keys():
        raise ValueError(f"{path}: the model has nothing for {', '.join(sorted(unused))}")
    for name, weight in found.items():
        weight.assign(arrays[name])


def main(arguments):
    match arguments:
        case ["save", model, path]:
            save(keras.models.load_model(model), path)
        case ["load", path, model, output]:
            model = keras.models.load_model(model)
            load(model, path)
            model.save(output)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
