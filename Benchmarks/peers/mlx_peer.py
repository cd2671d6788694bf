"""The model in MLX: `mlx.nn.LSTM` (`GRU`, `RNN`), one compiled step. Made for Apple silicon; slow on CPUs under Linux."""

from functools import partial

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers
import numpy as np
from common import BETAS, CLASSES, EPSILON, LEARNING_RATE, folded, main


LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
NAMES = {
    "lstm": {"weight_ih": "Wx", "weight_hh": "Wh", "bias": "bias"},
    "gru": {"weight_ih": "Wx", "weight_hh": "Wh", "bias": "b", "bias_hn": "bhn"},
    "rnn": {"weight_ih": "Wxh", "weight_hh": "Whh", "bias": "bias"},
}


class Network(nn.Module):
    """The classifier; `weights` without an input layer make one that is folded already."""

    def __init__(self, options, weights):
        super().__init__()
        self.make_layer, self.names = LAYERS[options.cell], NAMES[options.cell]
        reads = options.hidden if "input.weight" in weights else options.inputs
        self.input = nn.Linear(options.inputs, options.hidden) if "input.weight" in weights else nn.Identity()
        widths = [reads] + [options.hidden] * (options.layers - 1)
        self.recurrent = [self.make_layer(width, options.hidden) for width in widths]
        self.head = nn.Linear(options.hidden, CLASSES)
        self.load_weights([(self.name(name), mx.array(value)) for name, value in weights.items()])

    def name(self, name):
        *path, last = name.split(".")
        return ".".join([*path, self.names[last]]) if path[0] == "recurrent" else name

    def advance(self, x, states=None, lowest=None):
        """Logits after the last step of x, [batch, steps, features], and every layer's states at every step."""
        following = []
        for index, layer in enumerate([lowest or self.recurrent[0], *self.recurrent[1:]]):
            out = layer(x, *(states[index] if states else ()))
            out = out if isinstance(out, tuple) else (out,)
            following.append(out)
            x = out[0]
        return self.head(x[:, -1]), following

    def __call__(self, x):
        return self.advance(self.input(x))[0]

    def folding(self, x):
        """The same logits, with the product of both weights in place of the input layer."""
        old, weight, bias = self.recurrent[0], self.names["weight_ih"], self.names["bias"]
        layer = self.make_layer(x.shape[-1], self.head.weight.shape[1])
        layer.update(old.parameters())
        layer[weight] = old[weight] @ self.input.weight
        layer[bias] = old[bias] + old[weight] @ self.input.bias
        return self.advance(x, lowest=layer)[0]


class Model:
    versions = {"mlx": mx.__version__}

    def __init__(self, options, weights):
        self.options = options
        network = Network(options, weights)
        adam = mlx.optimizers.Adam(LEARNING_RATE, betas=BETAS, eps=EPSILON, bias_correction=True)
        adam.init(network.trainable_parameters())
        self.state = [network.state, adam.state]

        def loss(network, images, labels):
            logits = (network.folding if options.fold else network)(images / 255)
            return nn.losses.cross_entropy(logits, labels, reduction="mean")

        loss_and_gradient = nn.value_and_grad(network, loss)

        @partial(mx.compile, inputs=self.state, outputs=self.state)
        def train_step(images, labels):
            value, gradient = loss_and_gradient(network, images, labels)
            adam.update(network, gradient)
            return value

        self.train_step = train_step
        reader = Network(options, folded(weights)) if options.fold else network

        @mx.compile
        def logits_of(images):
            return reader(images / 255)

        @mx.compile
        def one_step(row, states):
            logits, following = reader.advance(reader.input(row / 255), states)
            return logits, [[part[:, -1] for part in state] for state in following]

        self.logits_of, self.one_step = logits_of, one_step

    def train(self, images, labels):
        loss = self.train_step(mx.array(images), mx.array(labels))
        mx.eval(loss, self.state)
        return loss.item()

    def infer(self, images):
        return np.array(self.logits_of(mx.array(images)))

    def stream(self, image):
        zero = mx.zeros((1, self.options.hidden))
        states = [[zero, zero] if self.options.cell == "lstm" else [zero] for _ in range(self.options.layers)]
        logits = []
        for row in mx.array(image)[:, None, None]:
            answer, states = self.one_step(row, states)
            logits.append(np.array(answer[0]))
        return np.stack(logits)


if __name__ == "__main__":
    main(Model)
