"""Plots, drawn by matplotlib in an environment of its own (`peers/plot.py` runs there)."""

import json
import statistics

from . import report
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
    draw("shares", panels, file, environments)


def ceiling(result, file, environments):
    """Writes mean accuracies by rows read, and below the difference of the one network and its specialists with its range."""
    rows = [[step, *means, min(differences), statistics.mean(differences), max(differences)]
            for step, *means, differences in report.beside_specialists(result)]  # fmt: skip
    draw("ceiling", rows, file, environments)


def draw(what, figures, file, environments):
    python = python_with("plot", environments)
    output_of([python, BENCHMARKS / "peers" / "plot.py", what, file], "plotting", input=json.dumps(figures))
