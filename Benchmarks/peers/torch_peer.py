"""The model in PyTorch: eager `nn.LSTM` (`GRU`, `RNN`), time-major; Benchmarks/README.md lists the ways that were tried."""

import numpy as np
import torch
from common import BETAS, CLASSES, EPSILON, LEARNING_RATE, folded, main, recurrent_layers
from torch import nn
from torch.nn import functional

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
SEQUENCE_OPS = {"lstm": torch.lstm, "gru": torch.gru, "rnn": torch.rnn_tanh}


def in_torch_names(weights):
    """The weights as a state dict. PyTorch's second bias is zero but for a GRU's new gate."""
    state = {name: value for name, value in weights.items() if not name.startswith("recurrent.")}
    for index, layer in enumerate(recurrent_layers(weights)):
        bias_hh = np.zeros_like(layer["bias"])
        if "bias_hn" in layer:
            bias_hh[-len(layer["bias_hn"]) :] = layer["bias_hn"]
        values = {"weight_ih": layer["weight_ih"], "weight_hh": layer["weight_hh"], "bias_ih": layer["bias"], "bias_hh": bias_hh}
        state |= {f"recurrent.{name}_l{index}": value for name, value in values.items()}
    return {name: torch.from_numpy(value) for name, value in state.items()}


class Network(nn.Module):
    """The classifier; `weights` without an input layer make one that is folded already."""

    def __init__(self, options, weights):
        super().__init__()
        reads = options.hidden if "input.weight" in weights else options.inputs
        self.cell, self.layers = options.cell, options.layers
        self.input = nn.Linear(options.inputs, options.hidden) if "input.weight" in weights else nn.Identity()
        self.recurrent = LAYERS[options.cell](reads, options.hidden, options.layers)
        self.head = nn.Linear(options.hidden, CLASSES)
        self.load_state_dict(in_torch_names(weights))
        for index in range(options.layers):
            self.hold_second_bias(getattr(self.recurrent, f"bias_hh_l{index}"), options.hidden)

    def hold_second_bias(self, bias, hidden):
        """The model has one bias per gate, and a GRU's new gate another one."""
        if self.cell != "gru":
            bias.requires_grad_(False)
            return
        trained = torch.zeros_like(bias)
        trained[-hidden:] = 1
        bias.register_hook(lambda gradient: gradient * trained)

    def forward(self, x, state=None):
        """Logits after the last step of x, [steps, batch, features], and the state."""
        hidden, state = self.recurrent(self.input(x), state)
        return self.head(hidden[-1]), state

    def folding(self, x):
        """The same logits, with the product of both weights in place of the input layer."""
        weight_ih, weight_hh, bias_ih, bias_hh, *upper = self.recurrent._flat_weights
        weights = [weight_ih @ self.input.weight, weight_hh, bias_ih + weight_ih @ self.input.bias, bias_hh, *upper]
        zero = x.new_zeros(self.layers, x.shape[1], self.recurrent.hidden_size)
        state = (zero, zero) if self.cell == "lstm" else zero
        hidden, *_ = SEQUENCE_OPS[self.cell](x, state, weights, True, self.layers, 0.0, True, False, False)
        return self.head(hidden[-1])


class Model:
    versions = {"torch": torch.__version__}

    def __init__(self, options, weights):
        # A single sequence is too little work for two threads: they would only wait for each other.
        torch.set_num_threads(1 if options.mode == "stream" else options.threads)
        torch.set_flush_denormal(True)
        self.network = Network(options, weights)
        self.logits = self.network.folding if options.fold else lambda x: self.network(x)[0]
        parameters = [value for value in self.network.parameters() if value.requires_grad]
        self.optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE, betas=BETAS, eps=EPSILON, fused=True)
        self.mixed = options.precision == "bf16"
        # What a trained model becomes; in bf16, with weights converted once rather than in every call.
        self.reader_type = torch.bfloat16 if self.mixed else torch.float32
        self.reader = Network(options, folded(weights) if options.fold else weights).to(self.reader_type)

    def floats(self, images):
        """Bytes [batch, steps, features] as floats [steps, batch, features]."""
        return torch.from_numpy(images).transpose(0, 1).float() / 255

    def train(self, images, labels):
        self.optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.mixed):
            logits = self.logits(self.floats(images))
        loss = functional.cross_entropy(logits.float(), torch.from_numpy(labels))
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    @torch.inference_mode()
    def infer(self, images):
        return self.reader(self.floats(images).to(self.reader_type))[0].float().numpy()

    @torch.inference_mode()
    def stream(self, image):
        state, logits = None, []
        for row in torch.from_numpy(image)[:, None, None]:
            answer, state = self.reader((row.float() / 255).to(self.reader_type), state)
            logits.append(answer[0].float())
        return torch.stack(logits).numpy()


if __name__ == "__main__":
    main(Model)
