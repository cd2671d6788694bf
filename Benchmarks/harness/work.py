"""What is timed: the model's shape, what one figure of a table is, and how many operations it stands for."""

from dataclasses import asdict, dataclass

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
PRECISIONS = ("fp32", "bf16")
DEFAULT_BATCH_SIZE = {"train": 128, "infer": 1000, "stream": 1}
MNIST_TRAINING_IMAGES = 60_000
CLASSES = 10


@dataclass(frozen=True)
class Work:
    """One kind of work for all contestants; the defaults are those of `unroll bench`: the assignment's model, trained."""

    mode: str = "train"
    cell: str = "lstm"
    layers: int = 1
    precision: str = "fp32"
    batch_size: int = 128
    hidden: int = 128
    steps: int = 28
    inputs: int = 28

    def flags(self, only=None):
        """Flags as `unroll` and the peers take them, but for what is the default anyway."""
        defaults = asdict(Work())
        words = []
        for key, value in asdict(self).items():
            if value != defaults[key] and (only is None or key in only):
                words += [f"--{key.replace('_', '-')}", value]
        return words

    def multiply_adds(self, folded):
        """Multiply-adds for one sequence, or for one step of a stream, in the matrix products that a peer executes.

        Element-wise work and the optimizer are left out, here as in `unroll bench`. Training adds the gradients of all
        weights, which cost what the forward pass costs, and of all that a product reads, except the data.
        """
        gates = GATES[self.cell] * self.hidden
        input_layer = 0 if folded else self.inputs * self.hidden
        from_data = gates * self.inputs if folded else 0
        from_hidden = gates * self.hidden * (self.layers - 1 if folded else self.layers)  # inputs from a layer below
        from_state = gates * self.hidden * self.layers
        forward = input_layer + from_data + from_hidden + from_state
        head = self.hidden * CLASSES
        if self.mode == "stream":
            return forward + head
        if self.mode == "infer":  # folded beforehand
            return self.steps * forward + head
        # Once per batch: a sequence has its share.
        folding = gates * self.hidden * (self.inputs + 1) / self.batch_size if folded else 0
        return self.steps * (forward + forward + from_hidden + from_state) + 3 * (head + folding)


@dataclass(frozen=True)
class Figure:
    """What one figure of a table is: seconds for so many sequences (in a stream, steps), shown in a unit of its own."""

    unit: str
    factor: float
    count: int


def is_mnist_epoch(work, sequences):
    """Whether this is what `unroll train` does: training on all rows of all of MNIST."""
    return work.mode == "train" and (work.steps, work.inputs) == (28, 28) and sequences is None


def figure_for(work, sequences):
    if work.mode == "stream":
        return Figure("µs per step", 1e6, 1)
    if work.mode == "infer":
        return Figure(f"ms per {sequences or 10_000:,} sequences", 1e3, sequences or 10_000)
    if is_mnist_epoch(work, sequences):
        return Figure("s per epoch", 1, MNIST_TRAINING_IMAGES)
    return Figure("ms per update", 1e3, work.batch_size)
