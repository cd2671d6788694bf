"""The plot of the grid, drawn by matplotlib in an environment of its own (`peers/plot.py` runs there)."""

import json
import statistics

from .programs import BENCHMARKS, output_of, python_with


def shares_by_hidden_size(report, file, environments):
    """Writes each contestant's share of the peak against the hidden size, one panel per batch size."""
    panels = {}
    for point in report["points"]:
        work = point["work"]
        if (work["cell"], work["layers"], work["steps"], work["inputs"]) != ("lstm", 1, 28, 28):
            continue
        for name, result in point["results"].items():
            if result["shares"]:
                line = panels.setdefault(f"batch {work['batch_size']}", {}).setdefault(name, [])
                line.append([work["hidden"], statistics.median(result["shares"])])
    python = python_with("plot", environments)
    output_of([python, BENCHMARKS / "peers" / "plot.py", file], "plotting", input=json.dumps(panels))
