"""The model in JAX: `lax.scan` over time, one jitted step with donated state."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from common import BETAS, EPSILON, GATES, LEARNING_RATE, folded, main, recurrent_layers


class Model:
    versions = {"jax": jax.__version__}

    def __init__(self, options, weights):
        self.options = options
        self.weights = {name: jnp.array(value) for name, value in weights.items()}
        zeros = {name: jnp.zeros_like(value) for name, value in self.weights.items()}
        self.state = (jax.tree.map(jnp.copy, self.weights), zeros, {name: jnp.zeros_like(value) for name, value in zeros.items()}, 0)
        self.train_step = jax.jit(self.adam_step, donate_argnums=0)
        # A trained model's weights are constants of its functions: fewer arguments make a call several times cheaper.
        constants = self.function_weights(self.weights)
        self.logits_of = jax.jit(partial(self.logits, constants))
        self.one_step = jax.jit(partial(self.stream_step, constants))

    def function_weights(self, weights):
        return folded(weights) if self.options.fold else weights

    def product(self, x, weight):
        """x · weightᵀ; in bf16, with factors rounded and sums in float32."""
        if self.options.precision == "fp32":
            return x @ weight.T
        return jnp.dot(x.astype(jnp.bfloat16), weight.T.astype(jnp.bfloat16), preferred_element_type=jnp.float32)

    def cell(self, layer, state, x):
        """The next state (h, and c of an LSTM) of one layer."""
        kind, h = self.options.cell, state[0]
        from_input = self.product(x, layer["weight_ih"]) + layer["bias"]
        from_state = self.product(h, layer["weight_hh"])
        if kind == "gru":
            (xr, xz, xn), (hr, hz, hn) = (jnp.split(part, 3, axis=-1) for part in (from_input, from_state))
            r, z = jax.nn.sigmoid(xr + hr), jax.nn.sigmoid(xz + hz)
            n = jnp.tanh(xn + r * (hn + layer["bias_hn"]))
            return ((1 - z) * n + z * h,)
        gates = jnp.split(from_input + from_state, GATES[kind], axis=-1)
        if kind == "rnn":
            return (jnp.tanh(gates[0]),)
        i, f, g, o = gates
        c = jax.nn.sigmoid(f) * state[1] + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    def advance(self, weights, states, x):
        """The next states of all layers, from floats of one step."""
        if "input.weight" in weights:
            x = self.product(x, weights["input.weight"]) + weights["input.bias"]
        following = []
        for layer, state in zip(recurrent_layers(weights), states, strict=True):
            following.append(self.cell(layer, state, x))
            x = following[-1][0]
        return following

    def zero_states(self, *batch):
        zero = np.zeros((*batch, self.options.hidden), np.float32)
        return [(zero, zero) if self.options.cell == "lstm" else (zero,) for _ in range(self.options.layers)]

    def head(self, weights, states):
        return self.product(states[-1][0], weights["head.weight"]) + weights["head.bias"]

    def logits(self, weights, images):
        x = jnp.swapaxes(images, 0, 1).astype(jnp.float32) / 255

        # The input's products stand inside the loop: for all steps at once before it they made training slower.
        def step(states, x):
            return self.advance(weights, states, x), None

        states, _ = jax.lax.scan(step, self.zero_states(x.shape[1]), x)
        return self.head(weights, states)

    def loss(self, weights, images, labels):
        log_probabilities = jax.nn.log_softmax(self.logits(self.function_weights(weights), images))
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

    def stream_step(self, weights, states, row):
        states = self.advance(weights, states, row.astype(jnp.float32) / 255)
        return states, self.head(weights, states)

    def stream(self, image):
        states, logits = self.zero_states(), []
        for row in image:
            states, answer = self.one_step(states, row)
            logits.append(np.asarray(answer))
        return np.stack(logits)


if __name__ == "__main__":
    main(Model)
