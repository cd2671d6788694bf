"""Holds ONNX files against ONNX's own checker and ONNX Runtime: python onnx_runtime.py CASES.json

CASES.json is a list of cases: an ONNX file, raw sequences, and what Unroll makes of them. Writes as JSON, for each case,
the largest difference in each comparison, over all prefixes, batch sizes and lengths. Needs onnx, onnxruntime and numpy.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # That `lengths` may be left out is worth a warning to it.
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def coupled_by_attribute(model):
    """The same LSTM with input_forget, and no weights for the forget gate."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    arrays = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type != "LSTM":
            continue
        node.attribute.append(onnx.helper.make_attribute("input_forget", 1))
        for name in node.input[1:4]:
            values = numpy_helper.to_array(arrays[name]).copy()
            gates = values.reshape(values.shape[0], -1, 4, values.shape[1] // (8 if values.ndim == 2 else 4),
                                   *values.shape[2:])
            gates[:, :, 2] = 3
            arrays[name].CopyFrom(numpy_helper.from_array(gates.reshape(values.shape), name))
    return model


def compare(case):
    model = onnx.load(case["file"])
    onnx.checker.check_model(model, full_check=True)
    run = session(model)
    names = [output.name for output in run.get_outputs()]
    sequences = np.array(case["sequences"], np.float32)
    batch, steps, _ = sequences.shape
    prefixes = np.array(case["prefixes"])  # logits after each number of steps: [steps, batch, classes]
    found = {}

    def hold(name, actual, expected):
        assert actual.shape == expected.shape, (name, actual.shape, expected.shape)
        assert np.isfinite(actual).all(), name
        found[name] = max(found.get(name, 0), float(np.abs(actual - expected).max()))

    def probabilities(logits, step):
        temperatures = case.get("temperatures")
        if temperatures:
            logits = logits / temperatures[min(step, len(temperatures)) - 1]
        powers = np.exp(logits - logits.max(-1, keepdims=True))
        return powers / powers.sum(-1, keepdims=True)

    for rows in (batch, 1):
        for step in range(1, steps + 1):
            given = {"sequences": sequences[:rows, :step]}
            results = dict(zip(names, run.run(None, given)))
            expected = prefixes[step - 1, :rows]
            hold("logits", results["logits"], expected)
            hold("probabilities", results["probabilities"], probabilities(expected, step))
            if "logits_every_step" in results:
                hold("logits_every_step", results["logits_every_step"], prefixes[:step, :rows].swapaxes(0, 1))
    lengths = case["lengths"]
    if "lengths" in [value.name for value in run.get_overridable_initializers()]:
        given = {"sequences": sequences, "lengths": np.array(lengths, np.int32)}
        results = dict(zip(names, run.run(None, given)))
        expected = np.stack([prefixes[length - 1, row] for row, length in enumerate(lengths)])
        hold("logits by lengths", results["logits"], expected)
        certain = np.stack([probabilities(expected[row], length) for row, length in enumerate(lengths)])
        hold("probabilities by lengths", results["probabilities"], certain)
    if case["cell"] == "coupled-lstm":
        results = session(coupled_by_attribute(model)).run(["logits"], {"sequences": sequences})
        hold("logits by input_forget", results[0], prefixes[-1])
    return {"name": case["name"], "differences": found}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    print(json.dumps([compare(case) for case in cases]))


if __name__ == "__main__":
    main()
