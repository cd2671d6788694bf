"""A small convolutional network that sees the first rows of each image, all at once: what `specialists` runs per number of
rows.

Two convolutions and a pool, and both once more; padded so that one row is enough. Adam, one cycle of the learning rate, no
augmentation. The test set is read once, at the end.
"""

import argparse
import json
import time
from pathlib import Path

import torch
from common import read_idx
from torch import nn
from torch.nn import functional

CLASSES, CHANNELS, HIDDEN = 10, 32, 128
BATCH_SIZE, LEARNING_RATE, DROPOUT = 128, 3e-3, 0.3
EVALUATION_BATCH_SIZE = 1000
Z = 1.959963984540054  # of a 95 % interval


class Network(nn.Module):
    def __init__(self, rows, columns):
        super().__init__()

        def convolution(inputs, outputs):
            return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]

        # A pool that keeps an odd row: the last one read tells most.
        pool = nn.MaxPool2d(2, ceil_mode=True)
        layers = [*convolution(1, CHANNELS), *convolution(CHANNELS, CHANNELS), pool]
        layers += [*convolution(CHANNELS, 2 * CHANNELS), *convolution(2 * CHANNELS, 2 * CHANNELS), pool, nn.Flatten()]
        self.features = nn.Sequential(*layers)
        size = self.features(torch.zeros(1, 1, rows, columns)).shape[1]
        self.head = nn.Sequential(
            nn.Dropout(DROPOUT), nn.Linear(size, HIDDEN), nn.ReLU(), nn.Dropout(DROPOUT), nn.Linear(HIDDEN, CLASSES)
        )

    def forward(self, x):
        return self.head(self.features(x))


def read(folder, prefix, rows):
    """The first rows of all images as floats [images, 1, rows, columns], and their labels."""
    images = torch.from_numpy(read_idx(folder, f"{prefix}-images-idx3-ubyte"))
    labels = torch.from_numpy(read_idx(folder, f"{prefix}-labels-idx1-ubyte"))
    return images[:, None, :rows].float() / 255, labels.long()


def train(network, images, labels, epochs):
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, fused=True)
    updates = epochs * -(-len(labels) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=updates)
    for _ in range(epochs):
        for batch in torch.randperm(len(labels)).split(BATCH_SIZE):
            optimizer.zero_grad()
            functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()


@torch.inference_mode()
def right_answers(network, images, labels):
    network.eval()
    batches = zip(images.split(EVALUATION_BATCH_SIZE), labels.split(EVALUATION_BATCH_SIZE))
    return sum((network(x).argmax(-1) == y).sum().item() for x, y in batches)


def wilson_interval(right, count):
    share = right / count
    center, spread = share + Z * Z / (2 * count), Z * (share * (1 - share) / count + Z * Z / (4 * count * count)) ** 0.5
    return [(center + side * spread) / (1 + Z * Z / count) for side in (-1, 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--images", type=int, default=60_000, help="learn from so many alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    images, labels = read(options.data, "train", options.rows)
    images, labels = images[: options.images], labels[: options.images]
    network = Network(options.rows, images.shape[-1])
    start = time.perf_counter()
    train(network, images, labels, options.epochs)
    seconds = time.perf_counter() - start
    test_images, test_labels = read(options.data, "t10k", options.rows)
    right, count = right_answers(network, test_images, test_labels), len(test_labels)
    low, high = wilson_interval(right, count)
    result = {"accuracy": right / count, "low": low, "high": high, "seconds": seconds}
    print(json.dumps(result | {"versions": {"torch": torch.__version__}}))


if __name__ == "__main__":
    main()
