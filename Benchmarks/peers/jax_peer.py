"""The model in JAX: `lax.scan` over time, one jitted step with donated state."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from common import BETAS, EPSILON, LEARNING_RATE, main


class Model:
    versions = {"jax": jax.__version__}

    def __init__(self, options, weights):
        self.fold = options.fold
        self.hidden = options.hidden
        self.weights = {name: jnp.array(value) for name, value in weights.items()}
        zeros = {name: jnp.zeros_like(value) for name, value in self.weights.items()}
        self.state = (jax.tree.map(jnp.copy, self.weights), zeros, {name: jnp.zeros_like(value) for name, value in zeros.items()}, 0)
        self.train_step = jax.jit(self.adam_step, donate_argnums=0)
        # A trained model's weights are constants of its functions: fewer arguments make a call several times cheaper.
        constants = self.weights, self.gate_layers(self.weights)
        self.logits_of = jax.jit(partial(self.logits, *constants))
        self.one_step = jax.jit(partial(self.stream_step, *constants))

    def gate_layers(self, weights):
        """The affine maps from the input to the gates: two, or their product."""
        w_in, b_in, w, b = (
            weights[name] for name in ("input.weight", "input.bias", "lstm.weight_ih", "lstm.bias")
        )
        return [(w @ w_in, b + w @ b_in)] if self.fold else [(w_in, b_in), (w, b)]

    def gate_inputs(self, layers, x):
        for weight, bias in layers:
            x = x @ weight.T + bias
        return x

    def cell(self, weights, state, gate_input):
        h, c = state
        i, f, g, o = jnp.split(gate_input + h @ weights["lstm.weight_hh"].T, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    def head(self, weights, h):
        return h @ weights["head.weight"].T + weights["head.bias"]

    def logits(self, weights, layers, images):
        x = jnp.swapaxes(images, 0, 1).astype(jnp.float32) / 255
        zero = jnp.zeros((x.shape[1], self.hidden))

        # The input's products stand inside the loop: for all steps at once before it they made training slower.
        def step(state, x):
            return self.cell(weights, state, self.gate_inputs(layers, x)), None

        (h, _), _ = jax.lax.scan(step, (zero, zero), x)
        return self.head(weights, h)

    def loss(self, weights, images, labels):
        log_probabilities = jax.nn.log_softmax(self.logits(weights, self.gate_layers(weights), images))
        return -jnp.take_along_axis(log_probabilities, labels[:, None], axis=1).mean()

    def adam_step(self, state, images, labels):
        weights, first, second, count = state
        loss, gradient = jax.value_and_grad(self.loss)(weights, images, labels)
        count = count + 1
        first = jax.tree.map(lambda m, g: BETAS[0] * m + (1 - BETAS[0]) * g, first, gradient)
        second = jax.tree.map(lambda v, g: BETAS[1] * v + (1 - BETAS[1]) * g * g, second, gradient)
        rate, correction = LEARNING_RATE / (1 - BETAS[0] ** count), 1 - BETAS[1] ** count
        weights = jax.tree.map(
            lambda w, m, v: w - rate * m / (jnp.sqrt(v / correction) + EPSILON), weights, first, second
        )
        return (weights, first, second, count), loss

    def train(self, images, labels):
        self.state, loss = self.train_step(self.state, images, labels)
        return loss

    def infer(self, images):
        return np.asarray(self.logits_of(images))

    def stream_step(self, weights, layers, state, row):
        h, c = self.cell(weights, state, self.gate_inputs(layers, row.astype(jnp.float32) / 255))
        return (h, c), self.head(weights, h)

    def stream(self, image):
        zero = np.zeros(self.hidden, np.float32)
        state, logits = (zero, zero), []
        for row in image:
            state, answer = self.one_step(state, row)
            logits.append(np.asarray(answer))
        return np.stack(logits)


if __name__ == "__main__":
    main(Model)
