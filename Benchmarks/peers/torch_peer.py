"""The model in PyTorch: eager `nn.LSTM`, time-major; Benchmarks/README.md lists the ways that were tried."""

import torch
from common import BETAS, EPSILON, LEARNING_RATE, folded_weights, main
from torch import nn
from torch.nn import functional


class Network(nn.Module):
    def __init__(self, options, weights):
        super().__init__()
        self.fold = options.fold
        self.input = nn.Linear(options.input, options.hidden)
        self.lstm = nn.LSTM(options.hidden, options.hidden)
        self.head = nn.Linear(options.hidden, len(weights["head.bias"]))
        values = {name.replace("lstm.bias", "lstm.bias_ih"): torch.from_numpy(value) for name, value in weights.items()}
        values["lstm.bias_hh"] = torch.zeros_like(values["lstm.bias_ih"])
        self.load_state_dict({f"{name}_l0" if "lstm" in name else name: value for name, value in values.items()})
        self.lstm.bias_hh_l0.requires_grad_(False)  # the model has one bias

    def forward(self, x):
        """Logits after the last step of x, [steps, batch, features]."""
        if self.fold:
            lstm = self.lstm
            weight = lstm.weight_ih_l0 @ self.input.weight
            bias = lstm.bias_ih_l0 + lstm.weight_ih_l0 @ self.input.bias
            zero = x.new_zeros(1, x.shape[1], lstm.hidden_size)
            parameters = [weight, lstm.weight_hh_l0, bias, lstm.bias_hh_l0]
            hidden, _, _ = torch.lstm(x, (zero, zero), parameters, True, 1, 0.0, self.training, False, False)
        else:
            hidden, _ = self.lstm(self.input(x))
        return self.head(hidden[-1])


class Model:
    versions = {"torch": torch.__version__}

    def __init__(self, options, weights):
        # A single sequence is too little work for two threads: they would only wait for each other.
        torch.set_num_threads(1 if options.mode == "stream" else options.threads)
        torch.set_flush_denormal(True)
        self.network = Network(options, weights)
        parameters = [value for value in self.network.parameters() if value.requires_grad]
        self.optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE, betas=BETAS, eps=EPSILON, fused=True)
        self.reader = self.network_for_reading(options, weights)

    def network_for_reading(self, options, weights):
        """What a trained model becomes: an LSTM (after its input layer, unless that is folded into it), then the head."""
        if not options.fold:
            return self.network.input, self.network.lstm, self.network.head
        lstm = nn.LSTM(options.input, options.hidden)
        weight, bias = map(torch.from_numpy, folded_weights(weights))
        lstm.load_state_dict(self.network.lstm.state_dict() | {"weight_ih_l0": weight, "bias_ih_l0": bias})
        return nn.Identity(), lstm, self.network.head

    def floats(self, images):
        """Bytes [batch, steps, features] as floats [steps, batch, features]."""
        return torch.from_numpy(images).transpose(0, 1).float() / 255

    def train(self, images, labels):
        self.optimizer.zero_grad()
        loss = functional.cross_entropy(self.network(self.floats(images)), torch.from_numpy(labels))
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    @torch.inference_mode()
    def infer(self, images):
        layer, lstm, head = self.reader
        hidden, _ = lstm(layer(self.floats(images)))
        return head(hidden[-1]).numpy()

    @torch.inference_mode()
    def stream(self, image):
        layer, lstm, head = self.reader
        state, logits = None, []
        for row in torch.from_numpy(image).unsqueeze(1):
            hidden, state = lstm(layer(row.float() / 255), state)
            logits.append(head(hidden[-1]))
        return torch.stack(logits).numpy()


if __name__ == "__main__":
    main(Model)
