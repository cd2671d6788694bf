"""Weights of MLX for Unroll, and the other way; see cases.py."""

import importlib.metadata
import platform

import mlx.core as mx
import mlx.nn as nn
import numpy as np

import cases


# In docs/pytorch.md too, from here
class Classifier(nn.Module):
    def __init__(self, features=28, width=128, hidden=128, classes=10, cell=nn.LSTM, depth=1, **options):
        super().__init__()
        self.input = nn.Linear(features, width)
        self.recurrent = [cell(hidden if index else width, hidden, **options) for index in range(depth)]
        self.head = nn.Linear(hidden, classes)

    def __call__(self, sequences):  # [batch, steps, features]
        x = self.input(sequences)
        for layer in self.recurrent:
            x = layer(x)
            x = x[0] if isinstance(x, tuple) else x  # an LSTM has cell states besides
        return self.head(x[:, -1])
# to here


CELLS = {
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
    "rnn": (nn.RNN, {}),
    "irnn": (nn.RNN, {"nonlinearity": nn.relu}),
}


def module(case):
    cell, depth, _ = case
    make, options = CELLS[cell]
    sizes = (cases.FEATURES, cases.WIDTH, cases.HIDDEN, cases.CLASSES)
    return Classifier(*sizes, cell=make, depth=depth, **options)


def make(case, path):
    model = module(case)
    # MLX's LSTM begins with biases of zero, where they would prove nothing.
    model.apply(lambda array: 0.4 * mx.random.normal(array.shape))
    model.save_weights(path)
    sequences = mx.random.normal((cases.BATCH, cases.STEPS, cases.FEATURES))
    return np.array(sequences), np.array(model(sequences))


def answer(case, path, sequences):
    model = module(case)
    model.load_weights(path, strict=True)
    return np.array(model(mx.array(sequences)))


def load(path):
    return {name: np.array(array) for name, array in mx.load(path).items()}


def save(arrays, path):
    mx.save_safetensors(path, {name: mx.array(array) for name, array in arrays.items()})


if __name__ == "__main__":
    mx.random.seed(1)
    versions = {"python": platform.python_version(), "mlx": importlib.metadata.version("mlx")}
    cases.main(cases.names(bidirectional=False), versions, make, answer, load, save)
