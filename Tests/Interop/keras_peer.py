"""Weights of Keras for Unroll, and the other way; see cases.py."""

import os
import platform
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "jax")
sys.path.append(str(Path(__file__).resolve().parents[2] / "Converters"))

import keras
import numpy as np
from keras import layers
from safetensors.numpy import load_file, save_file

import cases
import keras_weights


# In docs/pytorch.md too, from here
def classifier(features=28, width=128, hidden=128, classes=10, cell=layers.LSTM, depth=1, both=False, **options):
    recurrent = [
        cell(hidden, return_sequences=index < depth - 1, name=f"recurrent_{index}", **options) for index in range(depth)
    ]
    if both:
        recurrent = [layers.Bidirectional(layer) for layer in recurrent]
    front, head = layers.Dense(width, name="input"), layers.Dense(classes, name="head")
    return keras.Sequential([keras.Input((None, features)), front, *recurrent, head])
# to here


CELLS = {
    "lstm": (layers.LSTM, {}),
    "gru": (layers.GRU, {}),
    "rnn": (layers.SimpleRNN, {}),
    "irnn": (layers.SimpleRNN, {"activation": "relu"}),
}
random = np.random.default_rng(1)


def model_of(case):
    cell, depth, both = case
    make, options = CELLS[cell]
    sizes = (cases.FEATURES, cases.WIDTH, cases.HIDDEN, cases.CLASSES)
    return classifier(*sizes, cell=make, depth=depth, both=both, **options)


def logits(model, sequences):
    return keras.ops.convert_to_numpy(model(sequences))


def make(case, path):
    model = model_of(case)
    # Keras' biases begin at zero, where they would prove nothing.
    model.set_weights([random.normal(0, 0.4, weight.shape).astype(np.float32) for weight in model.get_weights()])
    keras_weights.save(model, path)
    sequences = random.normal(size=(cases.BATCH, cases.STEPS, cases.FEATURES)).astype(np.float32)
    return sequences, logits(model, sequences)


def answer(case, path, sequences):
    model = model_of(case)
    keras_weights.load(model, path)
    return logits(model, sequences)


if __name__ == "__main__":
    versions = {"python": platform.python_version(), "keras": keras.__version__, "backend": keras.backend.backend()}
    cases.main(cases.names(), versions, make, answer, load_file, save_file)
