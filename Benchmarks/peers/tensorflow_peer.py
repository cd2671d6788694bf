"""The model in TensorFlow: Keras layers inside a `tf.function` that XLA compiles; bf16 is Keras's `mixed_bfloat16`."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from common import BETAS, CLASSES, EPSILON, GATES, LEARNING_RATE, folded, main, recurrent_layers
from tensorflow.keras import layers, losses, mixed_precision, optimizers

LAYERS = {"lstm": layers.LSTM, "gru": layers.GRU, "rnn": layers.SimpleRNN}
GATE_ORDER = {"lstm": (0, 1, 2, 3), "gru": (1, 0, 2), "rnn": (0,)}  # Keras's GRU has update, reset, new


def in_keras_order(cell, layer):
    """Kernel, recurrent kernel and bias as Keras holds them: transposed; two rows of biases in a GRU."""

    def ordered(value):
        parts = np.split(value, GATES[cell])
        return np.concatenate([parts[gate] for gate in GATE_ORDER[cell]])

    bias = ordered(layer["bias"])
    if cell == "gru":
        second = np.zeros_like(bias)
        second[-len(layer["bias_hn"]) :] = layer["bias_hn"]
        bias = np.stack([bias, second])
    return [ordered(layer["weight_ih"]).T, ordered(layer["weight_hh"]).T, bias]


class Network:
    """The classifier; `weights` without an input layer make one that is folded already."""

    def __init__(self, options, weights):
        reads = options.hidden if "input.weight" in weights else options.inputs
        self.cell = options.cell
        self.input = layers.Dense(options.hidden) if "input.weight" in weights else None
        last = options.layers - 1
        self.recurrent = [LAYERS[self.cell](options.hidden, return_sequences=index < last) for index in range(options.layers)]
        self.head = layers.Dense(CLASSES, dtype="float32")
        if self.input:
            self.input.build((None, options.steps, options.inputs))
            self.input.set_weights([weights["input.weight"].T, weights["input.bias"]])
        for layer, values in zip(self.recurrent, recurrent_layers(weights), strict=True):
            layer.build((None, options.steps, reads))
            layer.set_weights(in_keras_order(self.cell, values))
            reads = options.hidden
        self.head.build((None, options.hidden))
        self.head.set_weights([weights["head.weight"].T, weights["head.bias"]])

    def variables(self):
        parts = [self.input, *self.recurrent, self.head]
        return [variable for part in parts for variable in part.trainable_variables]

    def __call__(self, x):
        """Logits after the last step of x, [batch, steps, features]."""
        for layer in [*([self.input] if self.input else []), *self.recurrent, self.head]:
            x = layer(x)
        return x

    def one_step(self, x, states):
        """Logits after one more step, and the next states of every layer."""
        x = self.input(x) if self.input else x
        following = []
        for layer, state in zip(self.recurrent, states):
            x, state = layer.cell(x, state)
            following.append(state)
        return self.head(x), following

    def folding(self, x):
        """The same logits, with the product of both weights in place of the input layer.

        Keras takes no weight that gradients flow through, so this is a loop over time by hand.
        """
        lowest = self.recurrent[0].cell
        kind = self.input.compute_dtype
        kernel = self.input.kernel @ lowest.kernel
        bias = tf.reshape(lowest.bias, [-1, lowest.kernel.shape[1]])[0] + tf.linalg.matvec(lowest.kernel, self.input.bias, transpose_a=True)
        from_input = tf.tensordot(tf.cast(tf.transpose(x, [1, 0, 2]), kind), tf.cast(kernel, kind), 1) + tf.cast(bias, kind)
        zero = tf.zeros([x.shape[0], lowest.units], kind)
        states = [[zero, zero] if self.cell == "lstm" else [zero] for _ in self.recurrent]
        for t in tf.range(from_input.shape[0]):
            following = [self.advance(lowest, from_input[t], states[0])]
            for layer, state in zip(self.recurrent[1:], states[1:]):
                _, state = layer.cell(following[-1][0], state)
                following.append(list(state))
            states = following
        return self.head(states[-1][0])

    def advance(self, cell, from_input, state):
        """The next state of a layer, from what its gates receive from the input."""
        h = state[0]
        from_state = h @ tf.cast(cell.recurrent_kernel, h.dtype)
        if self.cell == "gru":
            (xz, xr, xn), (hz, hr, hn) = (tf.split(part, 3, axis=1) for part in (from_input, from_state))
            z, r = tf.sigmoid(xz + hz), tf.sigmoid(xr + hr)
            n = tf.tanh(xn + r * (hn + tf.cast(cell.bias[1, -cell.units :], h.dtype)))
            return [(1 - z) * n + z * h]
        if self.cell == "rnn":
            return [tf.tanh(from_input + from_state)]
        i, f, g, o = tf.split(from_input + from_state, 4, axis=1)
        c = tf.sigmoid(f) * state[1] + tf.sigmoid(i) * tf.tanh(g)
        return [tf.sigmoid(o) * tf.tanh(c), c]


class Model:
    versions = {"tensorflow": tf.__version__, "keras": tf.keras.__version__}

    def __init__(self, options, weights):
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
        tf.config.threading.set_inter_op_parallelism_threads(options.threads)
        if options.precision == "bf16":
            mixed_precision.set_global_policy("mixed_bfloat16")
        self.options = options
        self.network = Network(options, weights)
        self.reader = Network(options, folded(weights)) if options.fold else self.network
        self.variables = self.network.variables()
        self.adam = optimizers.Adam(LEARNING_RATE, *BETAS, epsilon=EPSILON)
        self.adam.build(self.variables)
        self.loss = losses.SparseCategoricalCrossentropy(from_logits=True)

    def floats(self, images):
        return tf.cast(images, tf.float32) / 255

    def trained_parts(self, gradients):
        """Gradients without those of a GRU's second biases that are only added to the first ones."""
        if self.options.cell != "gru":
            return gradients
        hidden = self.options.hidden
        trained = np.ones((2, 3 * hidden), np.float32)
        trained[1, : 2 * hidden] = 0
        return [value * trained if value.shape == trained.shape else value for value in gradients]

    @tf.function(jit_compile=True)
    def train_step(self, images, labels):
        with tf.GradientTape() as tape:
            logits = (self.network.folding if self.options.fold else self.network)(self.floats(images))
            loss = self.loss(labels, logits)
        self.adam.apply(self.trained_parts(tape.gradient(loss, self.variables)))
        return loss

    @tf.function(jit_compile=True)
    def inference(self, images):
        return self.reader(self.floats(images))

    @tf.function(jit_compile=True)
    def one_step(self, row, states):
        return self.reader.one_step(self.floats(row), states)

    def train(self, images, labels):
        return self.train_step(tf.constant(images), tf.constant(labels))

    def infer(self, images):
        return self.inference(tf.constant(images)).numpy()

    def stream(self, image):
        zero = tf.zeros([1, self.options.hidden], self.reader.recurrent[0].compute_dtype)
        states = [[zero, zero] if self.options.cell == "lstm" else [zero] for _ in range(self.options.layers)]
        logits = []
        for row in tf.constant(image)[:, None]:
            answer, states = self.one_step(row, states)
            logits.append(answer[0].numpy())
        return np.stack(logits)


if __name__ == "__main__":
    main(Model)
