"""The model in ONNX Runtime: its own LSTM, GRU and RNN operators. It does not train here; on CPUs they have no bfloat16."""

import numpy as np
import onnx
import onnxruntime
from common import CLASSES, GATES, folded, main, recurrent_layers
from onnx import TensorProto, helper, numpy_helper


# Where ONNX wants the gates of our order; its LSTM has input, output, forget, cell, its GRU update, reset, new.
GATE_ORDER = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "rnn": (0,)}


def state_names(options):
    return [f"{name}{index}" for index in range(options.layers) for name in ("hc" if options.cell == "lstm" else "h")]


def recurrent(options, index, layer, x):
    """Constants and nodes of one recurrent layer that reads `x`; its hidden states are `hidden<index>`."""

    def ordered(value):
        parts = np.split(value, GATES[options.cell])
        return np.concatenate([parts[gate] for gate in GATE_ORDER[options.cell]])

    bias_hh = np.zeros_like(layer["bias"])
    if options.cell == "gru":
        bias_hh[-options.hidden :] = layer["bias_hn"]
    constants = {
        f"W{index}": ordered(layer["weight_ih"])[None],
        f"R{index}": ordered(layer["weight_hh"])[None],
        f"B{index}": np.concatenate([ordered(layer["bias"]), ordered(bias_hh)])[None],
    }
    states = [name for name in state_names(options) if name.endswith(str(index))]
    attributes = {"linear_before_reset": 1} if options.cell == "gru" else {}
    return constants, [
        helper.make_node(
            options.cell.upper(),
            [x, *constants, "", *states],
            [f"directions{index}", *(f"next_{name}" for name in states)],
            hidden_size=options.hidden,
            **attributes,
        ),
        helper.make_node("Squeeze", [f"directions{index}", "second axis"], [f"hidden{index}"]),
    ]


def graph(options, weights):
    """Floats [steps, batch, features] and states [1, batch, hidden] to logits after the last step and the next states."""
    weights = folded(weights) if options.fold else weights
    constants = {
        "head.weight": weights["head.weight"].T.copy(),
        "head.bias": weights["head.bias"],
        "first axis": np.array([0], np.int64),
        "second axis": np.array([1], np.int64),
    }
    nodes, x = [], "x"
    if not options.fold:
        constants |= {"input.weight": weights["input.weight"].T.copy(), "input.bias": weights["input.bias"]}
        nodes += [
            helper.make_node("MatMul", [x, "input.weight"], ["product"]),
            helper.make_node("Add", ["product", "input.bias"], ["input"]),
        ]
        x = "input"
    for index, layer in enumerate(recurrent_layers(weights)):
        more_constants, more_nodes = recurrent(options, index, layer, x)
        constants |= more_constants
        nodes += more_nodes
        x = f"hidden{index}"
    nodes.pop()  # nobody reads the last layer's states of all steps
    nodes += [
        helper.make_node("Squeeze", [f"next_h{options.layers - 1}", "first axis"], ["last"]),
        helper.make_node("Gemm", ["last", "head.weight", "head.bias"], ["logits"]),
    ]

    def value(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    def states(prefix):
        return [value(prefix + name, 1, "batch", options.hidden) for name in state_names(options)]

    body = helper.make_graph(
        nodes,
        "classifier",
        [value("x", "steps", "batch", options.inputs), *states("")],
        [value("logits", "batch", CLASSES), *states("next_")],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


class Model:
    versions = {"onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__}

    def __init__(self, options, weights):
        settings = onnxruntime.SessionOptions()
        # A single sequence is too little work for two threads: they would only wait for each other.
        settings.intra_op_num_threads = 1 if options.mode == "stream" else options.threads
        settings.inter_op_num_threads = 1
        settings.add_session_config_entry("session.set_denormal_as_zero", "1")
        self.session = onnxruntime.InferenceSession(
            graph(options, weights), settings, providers=["CPUExecutionProvider"]
        )
        self.states = state_names(options)
        self.hidden = options.hidden

    def zero_states(self, batch):
        return dict.fromkeys(self.states, np.zeros((1, batch, self.hidden), np.float32))

    def infer(self, images):
        x = np.moveaxis(images, 1, 0).astype(np.float32) / np.float32(255)
        return self.session.run(["logits"], {"x": x} | self.zero_states(len(images)))[0]

    def stream(self, image):
        states, logits = self.zero_states(1), []
        for row in image[:, None, None]:
            x = row.astype(np.float32) / np.float32(255)
            answer, *following = self.session.run(None, {"x": x} | states)
            states = dict(zip(self.states, following))
            logits.append(answer[0])
        return np.stack(logits)


if __name__ == "__main__":
    main(Model)
