"""Weights of PyTorch for Unroll, and the other way; see cases.py."""

import platform

import torch
from torch import nn

import cases

try:
    from safetensors.torch import load_file, save_file
except ImportError:
    # Debian 12 has PyTorch and not this package.
    import plain_safetensors

    def load_file(path):
        return {name: torch.from_numpy(array) for name, array in plain_safetensors.load_file(path).items()}

    def save_file(tensors, path):
        plain_safetensors.save_file({name: tensor.numpy() for name, tensor in tensors.items()}, path)


# In docs/pytorch.md too, from here
class Classifier(nn.Module):
    def __init__(self, features=28, width=128, hidden=128, classes=10, cell=nn.LSTM, **options):
        super().__init__()
        self.input = nn.Linear(features, width)
        self.recurrent = cell(width, hidden, batch_first=True, **options)
        self.head = nn.Linear(hidden * (1 + self.recurrent.bidirectional), classes)

    def forward(self, sequences):  # [batch, steps, features]
        state = self.recurrent(self.input(sequences))[1]
        hidden = state[0] if isinstance(state, tuple) else state  # an LSTM has a cell state besides
        return self.head(torch.cat(list(hidden[-1 - self.recurrent.bidirectional :]), dim=1))
# to here


CELLS = {
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
    "rnn": (nn.RNN, {}),
    "irnn": (nn.RNN, {"nonlinearity": "relu"}),
}


def module(case):
    cell, layers, both = case
    make, options = CELLS[cell]
    sizes = (cases.FEATURES, cases.WIDTH, cases.HIDDEN, cases.CLASSES)
    return Classifier(*sizes, cell=make, num_layers=layers, bidirectional=both, **options)


@torch.no_grad()
def make(case, path):
    model = module(case)
    save_file(model.state_dict(), path)
    sequences = torch.randn(cases.BATCH, cases.STEPS, cases.FEATURES)
    return sequences, model(sequences)


@torch.no_grad()
def answer(case, path, sequences):
    model = module(case)
    model.load_state_dict(load_file(path), strict=True)
    return model(sequences)


if __name__ == "__main__":
    torch.manual_seed(1)
    torch.set_num_threads(1)
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    cases.main(cases.names(), versions, make, answer, load_file, save_file)
