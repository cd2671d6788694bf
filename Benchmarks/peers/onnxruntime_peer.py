"""The model in ONNX Runtime: its own LSTM operator, inference and one step at a time. It does not train here."""

import numpy as np
import onnx
import onnxruntime
from common import CLASSES, folded_weights, main
from onnx import TensorProto, helper, numpy_helper


def gates(value):
    """Rows from the order input, forget, cell, output into ONNX's: input, output, forget, cell."""
    i, f, g, o = np.split(value, 4)
    return np.concatenate([i, o, f, g])


def graph(options, weights):
    """Floats [steps, batch, features] and a state [1, batch, hidden] × 2 to logits after the last step and that state."""
    hidden = options.hidden
    weight, bias = (
        folded_weights(weights) if options.fold else (weights["lstm.weight_ih"], weights["lstm.bias"])
    )
    constants = {
        "W": gates(weight)[None],
        "R": gates(weights["lstm.weight_hh"])[None],
        "B": np.concatenate([gates(bias), np.zeros_like(bias)])[None],
        "head.weight": weights["head.weight"].T.copy(),
        "head.bias": weights["head.bias"],
        "axis": np.array([0], np.int64),
    }
    nodes = []
    if not options.fold:
        constants |= {"input.weight": weights["input.weight"].T.copy(), "input.bias": weights["input.bias"]}
        nodes += [
            helper.make_node("MatMul", ["x", "input.weight"], ["product"]),
            helper.make_node("Add", ["product", "input.bias"], ["gate_input"]),
        ]
    nodes += [
        helper.make_node(
            "LSTM",
            ["x" if options.fold else "gate_input", "W", "R", "B", "", "h", "c"],
            ["", "next_h", "next_c"],
            hidden_size=hidden,
        ),
        helper.make_node("Squeeze", ["next_h", "axis"], ["last"]),
        helper.make_node("Gemm", ["last", "head.weight", "head.bias"], ["logits"]),
    ]

    def value(name, *shape):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    body = helper.make_graph(
        nodes,
        "classifier",
        [value("x", "steps", "batch", options.input), value("h", 1, "batch", hidden), value("c", 1, "batch", hidden)],
        [value("logits", "batch", CLASSES), value("next_h", 1, "batch", hidden), value("next_c", 1, "batch", hidden)],
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
        self.hidden = options.hidden

    def infer(self, images):
        x = np.moveaxis(images, 1, 0).astype(np.float32) / np.float32(255)
        zero = np.zeros((1, len(images), self.hidden), np.float32)
        return self.session.run(["logits"], {"x": x, "h": zero, "c": zero})[0]

    def stream(self, image):
        h = c = np.zeros((1, 1, self.hidden), np.float32)
        logits = []
        for row in image[:, None, None]:
            x = row.astype(np.float32) / np.float32(255)
            answer, h, c = self.session.run(None, {"x": x, "h": h, "c": c})
            logits.append(answer[0])
        return np.stack(logits)


if __name__ == "__main__":
    main(Model)
