"""The model in TensorFlow: Keras layers inside a `tf.function` that XLA compiles."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from common import BETAS, CLASSES, EPSILON, LEARNING_RATE, folded_weights, main
from tensorflow.keras import layers, losses, optimizers


def last_hidden(gate_inputs, recurrent):
    """Final hidden state of an LSTM, from what its gates receive from the input: [steps, batch, 4·hidden]."""
    h = c = tf.zeros([gate_inputs.shape[1], recurrent.shape[0]])
    for t in tf.range(gate_inputs.shape[0]):
        i, f, g, o = tf.split(gate_inputs[t] + h @ recurrent, 4, axis=1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
    return h


def affine(x, weight, bias):
    return tf.tensordot(x, weight, 1) + bias


class Model:
    versions = {"tensorflow": tf.__version__, "keras": tf.keras.__version__}

    def __init__(self, options, weights):
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
        tf.config.threading.set_inter_op_parallelism_threads(options.threads)
        self.options = options
        self.input = layers.Dense(options.hidden)
        self.lstm = layers.LSTM(options.hidden)
        self.head = layers.Dense(CLASSES)
        self.input.build((None, options.steps, options.input))
        self.lstm.build((None, options.steps, options.hidden))
        self.head.build((None, options.hidden))
        w_in, b_in, w, r, b, w_head, b_head = (value.T for value in weights.values())
        self.input.set_weights([w_in, b_in])
        self.lstm.set_weights([w, r, b])
        self.head.set_weights([w_head, b_head])
        self.folded = [tf.constant(value.T) for value in folded_weights(weights)]

        self.variables = [*self.input.variables, *self.lstm.trainable_variables, *self.head.variables]
        self.adam = optimizers.Adam(LEARNING_RATE, *BETAS, epsilon=EPSILON)
        self.adam.build(self.variables)
        self.loss = losses.SparseCategoricalCrossentropy(from_logits=True)

    def floats(self, images):
        return tf.cast(images, tf.float32) / 255

    def logits(self, images, folded):
        x = self.floats(images)
        if not self.options.fold:
            return self.head(self.lstm(self.input(x)))
        gate_inputs = affine(tf.transpose(x, [1, 0, 2]), *folded)
        return self.head(last_hidden(gate_inputs, self.lstm.cell.recurrent_kernel))

    def product(self):
        """The input layer multiplied into the LSTM, in the graph, so that gradients go through it."""
        cell = self.lstm.cell
        return self.input.kernel @ cell.kernel, affine(self.input.bias, cell.kernel, cell.bias)

    @tf.function(jit_compile=True)
    def train_step(self, images, labels):
        with tf.GradientTape() as tape:
            loss = self.loss(labels, self.logits(images, self.product()))
        self.adam.apply(tape.gradient(loss, self.variables))
        return loss

    @tf.function(jit_compile=True)
    def inference(self, images):
        return self.logits(images, self.folded)

    @tf.function(jit_compile=True)
    def one_step(self, row, h, c):
        x = self.floats(row)
        if self.options.fold:
            i, f, g, o = tf.split(affine(x, *self.folded) + h @ self.lstm.cell.recurrent_kernel, 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            h = tf.sigmoid(o) * tf.tanh(c)
        else:
            _, (h, c) = self.lstm.cell(self.input(x), [h, c])
        return self.head(h), h, c

    def train(self, images, labels):
        return self.train_step(tf.constant(images), tf.constant(labels))

    def infer(self, images):
        return self.inference(tf.constant(images)).numpy()

    def stream(self, image):
        h = c = tf.zeros([1, self.options.hidden])
        logits = []
        for row in tf.constant(image)[:, None]:
            answer, h, c = self.one_step(row, h, c)
            logits.append(answer[0].numpy())
        return np.stack(logits)


if __name__ == "__main__":
    main(Model)
