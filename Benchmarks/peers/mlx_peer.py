"""The model in MLX: `mlx.nn.LSTM`, one compiled step. Made for Apple silicon; its CPU backend on Linux is slow."""

from functools import partial

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers
import numpy as np
from common import BETAS, CLASSES, EPSILON, LEARNING_RATE, folded_weights, main


class Network(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.fold = options.fold
        self.input = nn.Linear(options.input, options.hidden)
        self.lstm = nn.LSTM(options.hidden, options.hidden)
        self.head = nn.Linear(options.hidden, CLASSES)

    def __call__(self, x):
        """Logits after the last step of x, [batch, steps, features]."""
        if self.fold:
            # The layer's own loop over time, with the product of both weights in place of its own.
            weight = self.lstm.Wx @ self.input.weight
            bias = self.lstm.bias + self.lstm.Wx @ self.input.bias
            folded = nn.LSTM(x.shape[-1], self.lstm.hidden_size)
            folded.Wx, folded.Wh, folded.bias = weight, self.lstm.Wh, bias
            hidden, _ = folded(x)
        else:
            hidden, _ = self.lstm(self.input(x))
        return self.head(hidden[:, -1])


def reader(options, weights):
    """What a trained model becomes: layers before the LSTM, the LSTM, the head."""
    network = Network(options)
    fill(network, weights)
    if not options.fold:
        return network.input, network.lstm, network.head
    lstm = nn.LSTM(options.input, options.hidden)
    lstm.Wx, lstm.bias = map(mx.array, folded_weights(weights))
    lstm.Wh = network.lstm.Wh
    return nn.Identity(), lstm, network.head


def fill(network, weights):
    names = {"lstm.weight_ih": "lstm.Wx", "lstm.weight_hh": "lstm.Wh"}
    network.load_weights([(names.get(name, name), mx.array(value)) for name, value in weights.items()])


class Model:
    versions = {"mlx": mx.__version__}

    def __init__(self, options, weights):
        self.options = options
        network = Network(options)
        fill(network, weights)
        adam = mlx.optimizers.Adam(LEARNING_RATE, betas=BETAS, eps=EPSILON, bias_correction=True)
        adam.init(network.trainable_parameters())
        self.state = [network.state, adam.state]

        def loss(network, images, labels):
            return nn.losses.cross_entropy(network(images / 255), labels, reduction="mean")

        loss_and_gradient = nn.value_and_grad(network, loss)

        @partial(mx.compile, inputs=self.state, outputs=self.state)
        def train_step(images, labels):
            value, gradient = loss_and_gradient(network, images, labels)
            adam.update(network, gradient)
            return value

        self.train_step = train_step
        layer, lstm, head = reader(options, weights)

        @mx.compile
        def logits_of(images):
            return head(lstm(layer(images / 255))[0][:, -1])

        @mx.compile
        def one_step(row, h, c):
            hidden, cell = lstm(layer(row / 255), h, c)
            return head(hidden[:, -1]), hidden[:, -1], cell[:, -1]

        self.logits_of, self.one_step = logits_of, one_step

    def train(self, images, labels):
        loss = self.train_step(mx.array(images), mx.array(labels))
        mx.eval(loss, self.state)
        return loss.item()

    def infer(self, images):
        return np.array(self.logits_of(mx.array(images)))

    def stream(self, image):
        h = c = mx.zeros((1, self.options.hidden))
        logits = []
        for row in mx.array(image)[:, None, None]:
            answer, h, c = self.one_step(row, h, c)
            logits.append(np.array(answer[0]))
        return np.stack(logits)


if __name__ == "__main__":
    main(Model)
