"""What every peer shares: the command line, the data, the first weights, the clock, and the line of JSON at the end.

A peer is a file `<name>_peer.py` with one class, handed to `main`:

    class Model:
        versions: dict                          # of the framework and what it stands on
        def __init__(self, options, weights)    # `options` as parsed below, `weights` as `first_weights` makes them
        def train(self, images, labels)         # one step of Adam on bytes [batch, steps, features]; the loss, lazy or not
        def infer(self, images)                 # logits [batch, classes] as NumPy, from bytes [batch, steps, features]
        def stream(self, image)                 # logits [steps, classes] as NumPy: one step at a time, state carried along

A method may be left out; the peer then takes no part in that mode. `options.cell` is lstm, gru or rnn, `options.layers`
how many of them are stacked, `options.precision` that of the products: in bf16, parameters and optimizer stay float32.
All peers start from the same weights and see the same batches in the same order, so their losses have to agree.
"""

import argparse
import gzip
import json
import platform
import sys
import time
from pathlib import Path

import numpy as np

CLASSES = 10
LEARNING_RATE, BETAS, EPSILON = 1e-3, (0.9, 0.999), 1e-8
DEFAULT_SEQUENCES = {"train": 60_000, "infer": 10_000, "stream": 200}
GATES = {"lstm": 4, "gru": 3, "rnn": 1}  # lstm: input, forget, cell, output; gru: reset, update, new; as in PyTorch
LARGEST_LOGIT_ERROR = {"fp32": 1e-4, "bf16": 5e-2}


def parse_options():
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--data", type=Path, help="folder with the MNIST files (IDX, plain or gzip); default: random bytes")
    parser.add_argument("--mode", choices=DEFAULT_SEQUENCES, default="train")
    parser.add_argument("--fold", type=int, choices=(0, 1), default=0, help="1: input layer folded into the recurrent layer by hand")
    parser.add_argument("--cell", choices=GATES, default="lstm")
    parser.add_argument("--layers", type=int, default=1, help="recurrent layers, one on the other")
    parser.add_argument("--precision", choices=LARGEST_LOGIT_ERROR, default="fp32", help="precision of the products")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--hidden", type=int, default=128, help="width of the input layer and of the recurrent layers")
    parser.add_argument("--steps", type=int, default=28)
    parser.add_argument("--inputs", type=int, default=28, help="features per step")
    parser.add_argument("--sequences", type=int, help="how many per epoch (train 60000, infer 10000, stream 200)")
    parser.add_argument("--epochs", type=int, default=1, help="timed passes over the sequences")
    parser.add_argument("--check", action="store_true", help="compare the logits with the equations in float64; no timing")
    options = parser.parse_args()
    options.sequences = options.sequences or DEFAULT_SEQUENCES[options.mode]
    return options


# Data ---------------------------------------------------------------------------------------------------------------


def read_idx(folder, name):
    path = folder / name
    packed = folder / f"{name}.gz"
    if not path.exists() and not packed.exists():
        sys.exit(f"there is neither {path} nor {packed.name}")
    content = path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
    rank = content[3]
    shape = [int.from_bytes(content[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(rank)]
    return np.frombuffer(bytearray(content), np.uint8, offset=4 + 4 * rank).reshape(shape)


def sequences_and_labels(options):
    """Bytes [count, steps, features] and labels [count].

    MNIST where its folder is given, the training set for training and the test set otherwise; else random bytes with
    random labels, which take the same time and mean nothing.
    """
    if options.data:
        if options.steps * options.inputs != 784:
            sys.exit(f"--steps {options.steps} --inputs {options.inputs}: with --data, their product must be 784")
        prefix = "train" if options.mode == "train" else "t10k"
        images = read_idx(options.data, f"{prefix}-images-idx3-ubyte").reshape(-1, options.steps, options.inputs)
        labels = read_idx(options.data, f"{prefix}-labels-idx1-ubyte").astype(np.int64)
        if options.sequences > len(images):
            sys.exit(f"--sequences {options.sequences}: the data has {len(images)}")
        return images[: options.sequences], labels[: options.sequences]
    generator = np.random.default_rng(0)
    images = generator.integers(256, size=(options.sequences, options.steps, options.inputs), dtype=np.uint8)
    return images, generator.integers(CLASSES, size=options.sequences)


# The model's first weights, and its equations -----------------------------------------------------------------------


def first_weights(options):
    """Glorot-uniform weights in PyTorch's layout and order of gates, small biases, forget bias 1 on top of that.

    Of a GRU, `bias` stands with the input; `bias_hn` is the new gate's, inside what the reset gate multiplies. No cell
    has a second bias where it would only be added to the first.
    """
    generator = np.random.default_rng(0)
    hidden, gates = options.hidden, GATES[options.cell]

    def glorot(outputs, inputs):
        limit = (6 / (outputs + inputs)) ** 0.5
        return generator.uniform(-limit, limit, size=(outputs, inputs)).astype(np.float32)

    def bias(size):
        return generator.uniform(-0.1, 0.1, size=size).astype(np.float32)

    weights = {"input.weight": glorot(hidden, options.inputs), "input.bias": bias(hidden)}
    for index in range(options.layers):
        layer = {name: np.concatenate([glorot(hidden, hidden) for _ in range(gates)]) for name in ("weight_ih", "weight_hh")}
        layer["bias"] = bias(gates * hidden)
        if options.cell == "lstm":
            layer["bias"][hidden : 2 * hidden] += 1
        if options.cell == "gru":
            layer["bias_hn"] = bias(hidden)
        weights |= {f"recurrent.{index}.{name}": value for name, value in layer.items()}
    return weights | {"head.weight": glorot(CLASSES, hidden), "head.bias": bias(CLASSES)}


def recurrent_layers(weights):
    """The recurrent layers' weights, lowest first, each a dictionary under their short names."""
    layers = {}
    for name, value in weights.items():
        if name.startswith("recurrent."):
            _, index, short = name.split(".")
            layers.setdefault(int(index), {})[short] = value
    return [layers[index] for index in sorted(layers)]


def folded(weights):
    """The same function without its input layer: that is multiplied into the lowest recurrent layer. Any array type.

    For models that are trained already. Where training goes on, peers form this product in every step and differentiate
    through it.
    """
    weight, w_in, b_in = (weights[name] for name in ("recurrent.0.weight_ih", "input.weight", "input.bias"))
    rest = {name: value for name, value in weights.items() if not name.startswith("input.")}
    return rest | {"recurrent.0.weight_ih": weight @ w_in, "recurrent.0.bias": weights["recurrent.0.bias"] + weight @ b_in}


def logits_by_the_equations(options, images):
    """Logits after every step, [batch, steps, classes], in float64."""
    weights = {name: value.astype(np.float64) for name, value in first_weights(options).items()}
    states = [{"h": 0.0, "c": 0.0} for _ in range(options.layers)]
    logits = []
    for x in np.moveaxis(images / 255, 1, 0):
        x = x @ weights["input.weight"].T + weights["input.bias"]
        for layer, state in zip(recurrent_layers(weights), states, strict=True):
            x = step_by_the_equations(options.cell, layer, state, x)
        logits.append(x @ weights["head.weight"].T + weights["head.bias"])
    return np.stack(logits, axis=1)


def step_by_the_equations(cell, layer, state, x):
    """The next hidden state; it and the cell state are left in `state`."""

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    h = state["h"] + np.zeros((len(x), layer["weight_hh"].shape[1]))
    from_input = np.split(x @ layer["weight_ih"].T + layer["bias"], GATES[cell], axis=1)
    from_state = np.split(h @ layer["weight_hh"].T, GATES[cell], axis=1)
    if cell == "lstm":
        i, f, g, o = (a + b for a, b in zip(from_input, from_state))
        state["c"] = sigmoid(f) * state["c"] + sigmoid(i) * np.tanh(g)
        state["h"] = sigmoid(o) * np.tanh(state["c"])
    elif cell == "gru":
        r, z = (sigmoid(a + b) for a, b in zip(from_input[:2], from_state[:2]))
        n = np.tanh(from_input[2] + r * (from_state[2] + layer["bias_hn"]))
        state["h"] = (1 - z) * n + z * h
    else:
        state["h"] = np.tanh(from_input[0] + from_state[0])
    return state["h"]


# The clock ----------------------------------------------------------------------------------------------------------


# Batches whose losses are compared: later, paths part by rounding alone, the sooner the smaller the batches are.
COMPARED_BATCHES = 300


def time_training(model, options, images, labels):
    """Seconds per epoch: shuffle, gather, one step per batch, loss of every batch kept; the last, smaller batch too."""
    generator = np.random.default_rng(1)

    def epoch():
        order = generator.permutation(len(images))
        starts = range(0, len(order), options.batch_size)
        batches = (order[start : start + options.batch_size] for start in starts)
        losses = [model.train(images[batch], labels[batch]) for batch in batches]
        return [float(loss) for loss in losses]

    # Warm-up: compiles, tunes and allocates for both batch sizes that the epochs have.
    for count in (options.batch_size, options.batch_size, len(images) % options.batch_size or options.batch_size):
        float(model.train(images[:count], labels[:count]))
    seconds, losses = [], []
    for _ in range(options.epochs):
        start = time.perf_counter()
        losses += epoch()
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "loss": float(np.mean(losses[:COMPARED_BATCHES]))}


def time_inference(model, options, images, labels):
    """Seconds per pass over all sequences, from bytes to predicted classes."""
    size = options.batch_size
    model.infer(images[:size])
    model.infer(images[-(len(images) % size or size) :])  # the last, smaller batch
    seconds = []
    for _ in range(options.epochs):
        start = time.perf_counter()
        predicted = [model.infer(images[first : first + size]).argmax(-1) for first in range(0, len(images), size)]
        seconds.append(time.perf_counter() - start)
    return {"seconds": seconds, "accuracy": float(np.mean(np.concatenate(predicted) == labels))}


def time_stream(model, options, images, labels):
    """Seconds per step of one sequence: bytes of one step in, logits out, state carried along."""
    for image in images[:10]:
        model.stream(image)
    seconds = []
    for _ in range(options.epochs):
        start = time.perf_counter()
        for image in images:
            model.stream(image)
        seconds.append((time.perf_counter() - start) / (len(images) * options.steps))
    return {"seconds": seconds}


def check(model, options, images, labels):
    """Largest difference between the peer's logits and the equations' in float64, before any training."""
    images = images[: min(20, len(images))]
    expected = logits_by_the_equations(options, images)
    errors = {}
    if hasattr(model, "infer"):
        errors["infer"] = float(np.abs(model.infer(images) - expected[:, -1]).max())
    if hasattr(model, "stream"):
        errors["stream"] = max(
            float(np.abs(model.stream(image) - rows).max()) for image, rows in zip(images, expected, strict=True)
        )
    if any(not error < LARGEST_LOGIT_ERROR[options.precision] for error in errors.values()):
        sys.exit(f"logits differ from the equations: {errors}")
    return {"logit_error": errors}


def main(model_class):
    options = parse_options()
    name = Path(sys.argv[0]).stem.removesuffix("_peer")
    if not options.check and not hasattr(model_class, options.mode):
        sys.exit(f"{name} takes no part in --mode {options.mode}")
    images, labels = sequences_and_labels(options)
    model = model_class(options, first_weights(options))
    measure = {"train": time_training, "infer": time_inference, "stream": time_stream}[options.mode]
    result = (check if options.check else measure)(model, options, images, labels)
    settings = {key: value for key, value in vars(options).items() if key not in ("data", "check")}
    versions = {"python": platform.python_version(), "numpy": np.__version__} | model.versions
    print(json.dumps({"peer": name} | settings | result | {"versions": versions}))
