"""Makes the reference values that the tests hold Unroll against: PyTorch, in float64, on the CPU.

    python3 -m venv .venv && .venv/bin/pip install torch
    .venv/bin/python Tests/Fixtures/make_fixtures.py

writes `classifier.json`, `bidirectional.json`, `losses.json` and a file for each kind of cell beside this file. Seeds are
fixed: with the same versions on the same kind of machine the files come out byte for byte the same; elsewhere the last
digits may differ.

What every file has in common
- `made_by` names the versions of Python and PyTorch.
- A tensor is {"shape": [...], "values": [flat, row-major]}. Numbers are float64, each written with as many digits as it
  takes to read back the same float64 (up to 17).
- What goes in (parameters, inputs, states, cotangents) is a multiple of 1/1024, so float32 holds it exactly, and a float32
  implementation differs from these values by its own rounding alone.
- Sequences are [batch, steps, features]; the rows of weights and biases are ordered as PyTorch has them: input, forget,
  cell, output in an LSTM; reset, update, new in a GRU. Cells that PyTorch has not follow it: forget, cell, output in an LSTM
  with coupled gates.
- There is one bias vector, `bias_ih_l0`; PyTorch's second one is zero and is not trained. A GRU's bias has a fourth part,
  the second bias of its new gate: the only one that does not add to the first.

What is peculiar to one file stands at the function that makes it.
"""

import json
import platform
from functools import partial
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

FOLDER = Path(__file__).resolve().parent


def draw(generator, *shape, scale=1.0):
    """Normal numbers with standard deviation `scale`, rounded to multiples of 1/1024."""
    values = scale * torch.randn(*shape, generator=generator, dtype=torch.float64)
    return torch.round(values * 1024) / 1024


def lstm_module(weight_ih, weight_hh, bias):
    """`nn.LSTM` with these parameters and its second bias fixed at zero."""
    module = nn.LSTM(weight_ih.shape[1], weight_hh.shape[1], batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        module.weight_ih_l0.copy_(weight_ih)
        module.weight_hh_l0.copy_(weight_hh)
        module.bias_ih_l0.copy_(bias)
        module.bias_hh_l0.zero_()
    module.bias_hh_l0.requires_grad_(False)
    return module


# The assignment's model ---------------------------------------------------------------------------------------------


class Classifier(nn.Module):
    """Linear input layer, LSTM, linear head on the last hidden state. Parameter names are those of Unroll's files."""

    def __init__(self, generator, features, width, hidden, classes):
        super().__init__()
        self.input = nn.Linear(features, width, dtype=torch.float64)
        bias = draw(generator, 4 * hidden, scale=0.1)
        bias[hidden : 2 * hidden] = 1.0  # the forget gate starts open
        self.lstm = lstm_module(
            draw(generator, 4 * hidden, width, scale=0.4), draw(generator, 4 * hidden, hidden, scale=0.4), bias
        )
        self.head = nn.Linear(hidden, classes, dtype=torch.float64)
        with torch.no_grad():
            for layer in (self.input, self.head):
                layer.weight.copy_(draw(generator, *layer.weight.shape, scale=0.5))
                layer.bias.copy_(draw(generator, *layer.bias.shape, scale=0.1))

    def forward(self, sequences):
        hidden, (_, final_cell) = self.lstm(self.input(sequences))
        return hidden, final_cell[0], self.head(hidden[:, -1])

    def trained(self):
        return {name: value for name, value in self.named_parameters() if value.requires_grad}


ADAM = {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8}

# name: (constructor, its settings, maximum gradient norm or None)
OPTIMIZERS = {
    "adam": (torch.optim.Adam, ADAM, None),
    "adam clipped": (torch.optim.Adam, ADAM, 0.05),
    "adamw": (torch.optim.AdamW, ADAM | {"weight_decay": 0.1}, None),
    "sgd": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.0}, None),
    "sgd momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}, None),
    "sgd nesterov": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}, None),
}


def classifier_case(name, seed, features, optimizers, width=6, hidden=7, classes=4, batch=3, steps=6):
    generator = torch.Generator().manual_seed(seed)
    model = Classifier(generator, features, width, hidden, classes)
    sequences = draw(generator, batch, steps, features)
    labels = torch.tensor([1, 3, 0])
    start = {key: value.detach().clone() for key, value in model.state_dict().items()}

    states, final_cell, logits = model(sequences)
    loss = functional.cross_entropy(logits, labels)
    loss.backward()
    gradients = {key: value.grad.clone() for key, value in model.trained().items()}

    def five_steps(optimizer_name):
        constructor, settings, max_norm = OPTIMIZERS[optimizer_name]
        model.load_state_dict(start)
        trained = model.trained()
        optimizer = constructor(trained.values(), **settings)
        steps = []
        for _ in range(5):
            optimizer.zero_grad()
            loss = functional.cross_entropy(model(sequences)[2], labels)
            loss.backward()
            step = {"loss": loss.item()}
            if max_norm is not None:
                step["gradient_norm"] = nn.utils.clip_grad_norm_(trained.values(), max_norm).item()
                assert step["gradient_norm"] > max_norm, "clipping has to bite, or it is not tested"
            optimizer.step()
            step["parameters"] = {key: tensor(value) for key, value in trained.items()}
            steps.append(step)
        return {"name": optimizer_name, "settings": settings | {"max_norm": max_norm}, "steps": steps}

    return {
        "name": name,
        "parameters": {key: tensor(start[key]) for key in gradients},
        "input": tensor(sequences),
        "labels": labels.tolist(),
        "hidden": tensor(states),
        "final_cell": tensor(final_cell),
        "logits": tensor(logits),
        "loss": loss.item(),
        "gradients": {key: tensor(value) for key, value in gradients.items()},
        "optimizers": [five_steps(optimizer_name) for optimizer_name in optimizers],
    }


def classifier():
    """Forward, gradients and five optimizer steps of the whole model, always on the same batch.

    Each of `steps` holds the loss that its gradient comes from, that gradient's norm before clipping (where the
    optimizer clips), and the parameters after the update. PyTorch clips by max_norm / (norm + 1e-6).
    The first case is one where folding the input layer into the LSTM saves work, the second one where it does not.
    """
    return {
        "cases": [
            classifier_case("narrow input", 1, features=5, optimizers=OPTIMIZERS),
            classifier_case("wide input", 2, features=20, optimizers=["adam"]),
        ]
    }


def bidirectional(features=5, width=6, hidden=4, classes=3):
    """Two bidirectional LSTM layers between an input layer and a head on both directions' final states, packed by length."""
    generator = torch.Generator().manual_seed(3)
    model = nn.ModuleDict({
        "input": nn.Linear(features, width),
        "lstm": nn.LSTM(width, hidden, num_layers=2, bidirectional=True, batch_first=True),
        "head": nn.Linear(2 * hidden, classes),
    }).double()
    with torch.no_grad():
        for name, value in model.named_parameters():
            # Unroll has one bias; in files the second one is zero.
            value.copy_(torch.zeros_like(value) if "bias_hh" in name else draw(generator, *value.shape, scale=0.4))
            value.requires_grad_("bias_hh" not in name)
    lengths, labels = [6, 3, 1], torch.tensor([1, 2, 0])
    sequences = draw(generator, 3, 6, features)
    packed = pack_padded_sequence(model["input"](sequences), torch.tensor(lengths), batch_first=True)
    packed_states, (final, _) = model["lstm"](packed)
    states, _ = pad_packed_sequence(packed_states, batch_first=True)
    logits = model["head"](torch.cat([final[-2], final[-1]], dim=1))
    functional.cross_entropy(logits, labels).backward()
    trained = {name: value for name, value in model.named_parameters() if value.requires_grad}
    return {
        "parameters": {name: tensor(value) for name, value in trained.items()},
        "input": tensor(sequences),
        "lengths": lengths,
        "labels": labels.tolist(),
        "hidden": tensor(states),
        "logits": tensor(logits),
        "gradients": {name: tensor(value.grad) for name, value in trained.items()},
    }


# One recurrent layer ------------------------------------------------------------------------------------------------

# Those of PyTorch; other kinds have their equations alone.
MODULES = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN, "irnn": partial(nn.RNN, nonlinearity="relu")}
GATES = {"lstm": 4, "peephole-lstm": 4, "coupled-lstm": 3, "layer-norm-lstm": 4, "gru": 3, "rnn": 1, "irnn": 1}
BIASES = GATES | {"gru": 4, "layer-norm-lstm": 9}
SCALES = {"peephole-lstm": 3, "layer-norm-lstm": 9}
WITH_CELL_STATE = ("lstm", "peephole-lstm", "coupled-lstm", "layer-norm-lstm")


def flipped(sequences, lengths):
    """Each row's valid part in reverse order; padding stays where it is."""
    rows = [torch.cat([row[:n].flip(0), row[n:]]) for row, n in zip(sequences, lengths.tolist(), strict=True)]
    return torch.stack(rows)


def both_biases(kind, bias):
    """PyTorch's two biases for the one of ours."""
    if kind != "gru":
        return bias, torch.zeros_like(bias)
    hidden = bias.shape[0] // 4
    return bias[: 3 * hidden], torch.cat([torch.zeros(2 * hidden, dtype=bias.dtype), bias[3 * hidden :]])


def run_module(kind, x, weight_ih, weight_hh, bias, h0, c0=None, *, lengths, backwards):
    """The sequence through PyTorch's module: packed to the true lengths, flipped where it is read backwards."""
    module = MODULES[kind](weight_ih.shape[1], weight_hh.shape[1], batch_first=True, dtype=torch.float64)
    bias_ih, bias_hh = both_biases(kind, bias)
    parameters = {"weight_ih_l0": weight_ih, "weight_hh_l0": weight_hh, "bias_ih_l0": bias_ih, "bias_hh_l0": bias_hh}
    packed = pack_padded_sequence(
        flipped(x, lengths) if backwards else x, lengths, batch_first=True, enforce_sorted=False
    )
    state = h0.unsqueeze(0) if c0 is None else (h0.unsqueeze(0), c0.unsqueeze(0))
    output, final = torch.func.functional_call(module, parameters, (packed, state))
    hidden, _ = pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])
    return flipped(hidden, lengths) if backwards else hidden, *([final[0]] if c0 is None else [part[0] for part in final])


def normalized(rows, gains):
    """Layer normalization."""
    return nn.functional.layer_norm(rows, rows.shape[1:], gains, eps=1e-5)


def step(kind, from_x, h, c, weight_hh, bias, scales):
    """The equations of one step; `from_x` is the product of the input weights with the step's features."""
    if kind in ("rnn", "irnn"):
        return {"rnn": torch.tanh, "irnn": torch.relu}[kind](from_x + h @ weight_hh.T + bias), c
    if kind == "gru":
        hidden = h.shape[1]
        x_r, x_z, x_n = (from_x + bias[: 3 * hidden]).chunk(3, dim=1)
        h_r, h_z, h_n = (h @ weight_hh.T).chunk(3, dim=1)
        r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * (h_n + bias[3 * hidden :]))
        return (1 - z) * n + z * h, c
    if kind == "coupled-lstm":
        f, g, o = (from_x + h @ weight_hh.T + bias).chunk(3, dim=1)
        c = torch.sigmoid(f) * c + (1 - torch.sigmoid(f)) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
    if kind == "layer-norm-lstm":
        of_gates, of_cell, of_input = bias.split([4 * h.shape[1], h.shape[1], 4 * h.shape[1]])
        to_input, to_hidden, to_cell = scales.split([4 * h.shape[1], 4 * h.shape[1], h.shape[1]])
        from_x, from_h = normalized(from_x + of_input, to_input), normalized(h @ weight_hh.T, to_hidden)
        i, f, g, o = (from_x + from_h + of_gates).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(normalized(c, to_cell) + of_cell), c
    i, f, g, o = (from_x + h @ weight_hh.T + bias).chunk(4, dim=1)
    to_i, to_f, to_o = (0, 0, 0) if scales is None else scales.chunk(3)
    c = torch.sigmoid(f + to_f * c) * c + torch.sigmoid(i + to_i * c) * torch.tanh(g)
    return torch.sigmoid(o + to_o * c) * torch.tanh(c), c


def run_equations(kind, x, weight_ih, weight_hh, bias, h0, c0=None, scales=None, *, lengths, backwards):
    """The same by the equations, one step after the other; the second opinion on `run_module`."""
    h, c = h0, torch.zeros_like(h0) if c0 is None else c0
    hidden = [torch.zeros_like(h0)] * x.shape[1]
    for t in reversed(range(x.shape[1])) if backwards else range(x.shape[1]):
        new_h, new_c = step(kind, x[:, t] @ weight_ih.T, h, c, weight_hh, bias, scales)
        valid = (t < lengths).unsqueeze(1)
        h, c = torch.where(valid, new_h, h), torch.where(valid, new_c, c)
        hidden[t] = torch.where(valid, new_h, torch.zeros_like(new_h))
    return torch.stack(hidden, dim=1), h, *([] if c0 is None else [c])


def recurrent(kind):
    """One recurrent layer from a non-zero initial state: values, and gradients for given cotangents.

    - `cotangents` of a case lists which results receive one; the others receive none at all.
    - `lengths` is the true length of each row. Hidden states beyond it are zero, the final state is the one at the true
      end. Input and cotangents beyond it are *not* zero here: they have to be ignored, and the gradient there is zero.
    - `reversed` reads from the row's last valid step to its first. Hidden state t is the one after reading steps
      length-1 ... t, so it stands where its input stands; the final state is the one after step 0.
    - Only LSTMs have a cell state: `c0` and `final_cell`. `scales` are the peepholes of one that has them, those of the
      gates input, forget, output; or the gains of one with layer normalization, for what comes of the input, for what comes
      of the hidden state, for the cell state. Its `bias` is that of the gates, that of the normalized cell state, and one
      that is added to the input's products before they are normalized.
    - Kinds that PyTorch has are run by its module, and checked by their equations.
    """
    batch, steps, features, hidden_size = 4, 7, 4, 5
    generator = torch.Generator().manual_seed(3)
    inputs = {
        "x": draw(generator, batch, steps, features),
        "weight_ih": draw(generator, GATES[kind] * hidden_size, features, scale=0.5),
        "weight_hh": draw(generator, GATES[kind] * hidden_size, hidden_size, scale=0.5),
        "bias": draw(generator, BIASES[kind] * hidden_size, scale=0.3),
        "h0": draw(generator, batch, hidden_size, scale=0.5),
    }
    if kind in WITH_CELL_STATE:
        inputs["c0"] = draw(generator, batch, hidden_size)
    if kind in SCALES:
        inputs["scales"] = draw(generator, SCALES[kind] * hidden_size, scale=0.5)
    cotangents = {
        "hidden": draw(generator, batch, steps, hidden_size),
        "final_hidden": draw(generator, batch, hidden_size),
    }
    if kind in WITH_CELL_STATE:
        cotangents["final_cell"] = draw(generator, batch, hidden_size)
    full, ragged = torch.tensor([steps] * batch), torch.tensor([7, 3, 1, 5])

    def results_and_gradients(run, lengths, backwards, chosen):
        leaves = {key: value.clone().requires_grad_() for key, value in inputs.items()}
        results = dict(zip(cotangents, run(kind, **leaves, lengths=lengths, backwards=backwards), strict=True))
        gradients = torch.autograd.grad(
            [results[key] for key in chosen], list(leaves.values()), [cotangents[key] for key in chosen]
        )
        return results, dict(zip(leaves, gradients, strict=True))

    def case(name, lengths, backwards, chosen=tuple(cotangents)):
        answer = results_and_gradients(run_equations, lengths, backwards, chosen)
        if kind in MODULES:
            second_opinion, answer = answer, results_and_gradients(run_module, lengths, backwards, chosen)
            torch.testing.assert_close(answer, second_opinion, rtol=1e-12, atol=1e-13)
        results, gradients = answer
        return {
            "name": name,
            "lengths": lengths.tolist(),
            "reversed": backwards,
            "cotangents": list(chosen),
            **{key: tensor(value) for key, value in results.items()},
            "gradients": {key: tensor(value) for key, value in gradients.items()},
        }

    return {
        "inputs": {key: tensor(value) for key, value in inputs.items()},
        "cotangents": {key: tensor(value) for key, value in cotangents.items()},
        "cases": [
            case("full lengths", full, backwards=False),
            case("given lengths", ragged, backwards=False),
            case("reversed", full, backwards=True),
            case("reversed, given lengths", ragged, backwards=True),
            case("last hidden state only", full, backwards=False, chosen=("final_hidden",)),
            case("last hidden state only, given lengths", ragged, backwards=False, chosen=("final_hidden",)),
        ],
    }


# Losses -------------------------------------------------------------------------------------------------------------


def losses():
    """Softmax, log-softmax and cross-entropy over the last axis, at ordinary and at extreme logits.

    - `softmax` and `log_softmax` come with the gradient of the logits for the case's `cotangent`.
    - Cross-entropy comes with the gradient of the logits for a cotangent of 1, and for `row_cotangent` where the
      reduction is "none".
    - Label smoothing s is PyTorch's: the target is (1 - s) on the label plus s / classes on every class.
    """
    generator = torch.Generator().manual_seed(4)
    extreme = torch.tensor(
        [
            [80.0, -80.0, 0.0, 1.0, -1.0],
            [-80.0, -80.0, -80.0, -80.0, -79.0],
            [1e4, 0.0, -1e4, 9999.0, 1.0],
            [1e4, 1e4, 1e4, 1e4, 1e4],
            [-1e4, 1e4, 80.0, -80.0, 0.0],
        ],
        dtype=torch.float64,
    )
    cases = [
        ("ordinary", draw(generator, 5, 5, scale=2.0), torch.tensor([0, 4, 2, 2, 1])),
        ("extreme, likely labels", extreme, torch.tensor([0, 4, 3, 2, 1])),
        ("extreme, unlikely labels", extreme, torch.tensor([1, 0, 2, 4, 0])),
    ]

    def with_gradient(function, logits, cotangent):
        leaf = logits.clone().requires_grad_()
        value = function(leaf)
        (gradient,) = torch.autograd.grad(value, leaf, cotangent)
        return {"value": tensor(value), "gradient": tensor(gradient)}

    def soft(logits, scores, weights):
        targets = functional.softmax(scores, dim=-1).float().double()
        result = with_gradient(
            lambda x: (functional.cross_entropy(x, targets, reduction="none") * weights).sum(), logits, None
        )
        return {"targets": tensor(targets)} | result

    def case(name, logits, labels):
        cotangent, row_cotangent = draw(generator, *logits.shape), draw(generator, logits.shape[0])
        return {
            "name": name,
            "logits": tensor(logits),
            "labels": labels.tolist(),
            "cotangent": tensor(cotangent),
            "row_cotangent": tensor(row_cotangent),
            "softmax": with_gradient(lambda x: functional.softmax(x, dim=-1), logits, cotangent),
            "log_softmax": with_gradient(lambda x: functional.log_softmax(x, dim=-1), logits, cotangent),
            "cross_entropy": [
                {"reduction": reduction, "label_smoothing": smoothing}
                | with_gradient(
                    lambda x: functional.cross_entropy(x, labels, reduction=reduction, label_smoothing=smoothing),
                    logits,
                    row_cotangent if reduction == "none" else None,
                )
                for smoothing in (0.0, 0.1)
                for reduction in ("mean", "sum", "none")
            ],
            # Against the softmax of the cotangent, rounded so that float32 holds it too.
            "soft": soft(logits, cotangent, row_cotangent),
        }

    return {"cases": [case(*arguments) for arguments in cases]}


# Writing ------------------------------------------------------------------------------------------------------------


def tensor(value):
    return {"shape": list(value.shape), "values": value.detach().reshape(-1).tolist()}


def text(value, indent=""):
    """JSON with every tensor, and every list of plain numbers, on one line."""
    deeper = indent + " "
    if isinstance(value, dict) and "values" not in value:
        rows = [f"{deeper}{json.dumps(key)}: {text(item, deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + indent + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(deeper + text(item, deeper) for item in value) + "\n" + indent + "]"
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def main():
    torch.set_num_threads(1)
    made_by = {"python": platform.python_version(), "torch": torch.__version__}
    fixtures = {
        "classifier": classifier(),
        "bidirectional": bidirectional(),
        **{kind: recurrent(kind) for kind in GATES},
        "losses": losses(),
    }
    for name, fixture in fixtures.items():
        path = FOLDER / f"{name}.json"
        path.write_text(text({"made_by": made_by} | fixture) + "\n", encoding="utf-8")
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
