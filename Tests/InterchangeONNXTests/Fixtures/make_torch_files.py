"""Makes the files of PyTorch's ONNX exporters that FileTests read, and torch_files.json: for each of them an input and
what PyTorch computes of it. Made with torch 2.15.0, onnxscript 0.7.2, onnx 1.23.2:

    pip install torch onnxscript onnx
    python make_torch_files.py
"""

import json
import pathlib
import warnings

import onnx
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent
# name, PyTorch's module, Unroll's name of the cell, layers, bidirectional, what is read of the states, exporter
CASES = [
    ("lstm-final", nn.LSTM, "lstm", 1, False, "final", "torchscript"),
    ("lstm-stack-last-step", nn.LSTM, "lstm", 2, False, "last step", "torchscript"),
    ("lstm-every-step", nn.LSTM, "lstm", 1, False, "every step", "torchscript"),
    ("lstm-stack-bidirectional", nn.LSTM, "lstm", 2, True, "final", "torchscript"),
    ("gru-bidirectional", nn.GRU, "gru", 1, True, "final", "torchscript"),
    ("rnn-final", nn.RNN, "rnn", 1, False, "final", "torchscript"),
    ("lstm-final-dynamo", nn.LSTM, "lstm", 1, False, "final", "dynamo"),
    ("lstm-stack-last-step-dynamo", nn.LSTM, "lstm", 2, False, "last step", "dynamo"),
    ("gru-stack-bidirectional-dynamo", nn.GRU, "gru", 2, True, "final", "dynamo"),
]


class Classifier(nn.Module):
    """Linear layer, recurrent layers, linear head."""

    def __init__(self, module, layers, bidirectional, reads):
        super().__init__()
        self.input = nn.Linear(3, 5)
        self.recurrent = module(5, 4, layers, batch_first=True, bidirectional=bidirectional)
        self.head = nn.Linear(8 if bidirectional else 4, 3)
        self.bidirectional, self.reads = bidirectional, reads

    def forward(self, sequences):
        states, final = self.recurrent(self.input(sequences))
        if self.reads == "every step":
            return self.head(states)
        if self.reads == "last step":
            return self.head(states[:, -1])
        hidden = final[0] if isinstance(final, tuple) else final
        return self.head(torch.cat([hidden[-2], hidden[-1]], 1) if self.bidirectional else hidden[-1])


def export(model, example, path, exporter):
    names = {"input_names": ["sequences"], "output_names": ["logits"]}
    if exporter == "dynamo":
        free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("steps")}
        torch.onnx.export(
            model, (example,), path, dynamo=True, external_data=False, verbose=False, dynamic_shapes=(free,), **names)
    else:
        free = {"sequences": {0: "batch", 1: "steps"}}
        torch.onnx.export(model, (example,), path, dynamo=False, dynamic_axes=free, **names)
    strip(path)


def strip(path):
    """Leaves out what nobody reads: each operator's stack trace, with the paths of whoever made the file."""
    model = onnx.load(path)
    for part in (model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    model.graph.ClearField("value_info")
    onnx.save(model, path)


def main():
    warnings.filterwarnings("ignore")
    torch.manual_seed(1)
    made = []
    for name, module, cell, layers, bidirectional, reads, exporter in CASES:
        model = Classifier(module, layers, bidirectional, reads).eval()
        example = torch.randn(2, 7, 3)
        export(model, example, FOLDER / f"{name}.onnx", exporter)
        with torch.no_grad():
            logits = model(example)
        if reads == "every step":
            logits = logits[:, -1]
        made.append({"name": name, "cell": cell, "input": example.tolist(), "logits": logits.tolist()})
    (FOLDER / "torch_files.json").write_text(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
