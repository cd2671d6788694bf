"""PyTorch's quickest way to a good model: the whole process that `recipe` times, from imports to the test accuracy.

The recipe was fixed on a validation split (`--validation 10000`, which leaves the test set unread). Unlike the peers of
`compare`, the model starts from PyTorch's own initial values and has PyTorch's two biases per gate.
"""

import argparse
import json
from pathlib import Path

import torch
from common import read_idx
from torch import nn
from torch.nn import functional

HIDDEN, CLASSES, ROWS, COLUMNS = 128, 10, 28, 28
EPOCHS, BATCH_SIZE, LEARNING_RATE, LARGEST_NORM = 3, 128, 4e-3, 1.0
EVALUATION_BATCH_SIZE = 1000


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.input = nn.Linear(COLUMNS, HIDDEN)
        self.lstm = nn.LSTM(HIDDEN, HIDDEN)
        self.head = nn.Linear(HIDDEN, CLASSES)

    def forward(self, x):
        """Logits of x, [steps, batch, features], with the input layer folded into the LSTM by hand."""
        lstm = self.lstm
        weight = lstm.weight_ih_l0 @ self.input.weight
        bias = lstm.bias_ih_l0 + lstm.weight_ih_l0 @ self.input.bias
        zero = x.new_zeros(1, x.shape[1], HIDDEN)
        weights = [weight, lstm.weight_hh_l0, bias, lstm.bias_hh_l0]
        hidden, *_ = torch.lstm(x, (zero, zero), weights, True, 1, 0.0, self.training, False, False)
        return self.head(hidden[-1])


def read(folder, prefix):
    """All images at once as floats [steps, images, features], and their labels."""
    images = torch.from_numpy(read_idx(folder, f"{prefix}-images-idx3-ubyte"))
    labels = torch.from_numpy(read_idx(folder, f"{prefix}-labels-idx1-ubyte"))
    return images.transpose(0, 1).float() / 255, labels.long()


def train(network, images, labels, options):
    updates = options.epochs * -(-len(labels) // BATCH_SIZE)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=updates)
    for _ in range(options.epochs):
        for batch in torch.randperm(len(labels)).split(BATCH_SIZE):
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bf16"):
                logits = network(images[:, batch])
            functional.cross_entropy(logits.float(), labels[batch]).backward()
            nn.utils.clip_grad_norm_(network.parameters(), LARGEST_NORM)
            optimizer.step()
            schedule.step()


@torch.inference_mode()
def accuracy(network, images, labels):
    network.eval()
    right = 0
    for x, y in zip(images.split(EVALUATION_BATCH_SIZE, 1), labels.split(EVALUATION_BATCH_SIZE)):
        right += (network(x).argmax(-1) == y).sum().item()
    return right / len(labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="bf16")
    parser.add_argument("--validation", type=int, default=0, help="judge by these last training images, not by the test set")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    network = Network()
    images, labels = read(options.data, "train")
    if options.validation:
        kept = len(labels) - options.validation
        held_out = images[:, kept:], labels[kept:]
        images, labels = images[:, :kept], labels[:kept]
    train(network, images, labels, options)
    judged = held_out if options.validation else read(options.data, "t10k")
    print(json.dumps({"accuracy": accuracy(network, *judged), "versions": {"torch": torch.__version__}}))


if __name__ == "__main__":
    main()
