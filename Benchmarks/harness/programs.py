"""The programs that are run: Unroll's own, and one Python per peer in an environment of its own."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from .work import PRECISIONS, Work, figure_for, is_mnist_epoch

BENCHMARKS = Path(__file__).resolve().parent.parent
REPOSITORY = BENCHMARKS.parent
LINUX = sys.platform == "linux"

# A new peer is one line here and one file peers/<name>_peer.py.
REQUIREMENTS = {
    "torch": ["torch", "numpy"],
    "jax": ["jax", "numpy"],
    "tensorflow": ["tensorflow-cpu" if LINUX else "tensorflow", "numpy"],
    "onnxruntime": ["onnxruntime", "onnx", "numpy"],
    "mlx": ["mlx[cpu]" if LINUX else "mlx", "numpy"],
}
PLOTTING = {"plot": ["matplotlib"]}
SERIES = {"aeon": ["aeon"]}

# Why a peer takes no part in a mode or precision.
LEFT_OUT = {
    ("onnxruntime", "train"): "it does not train here",
    ("onnxruntime", "bf16"): "its recurrent operators know no bfloat16 on CPUs",
    ("mlx", "bf16"): "it has no products in bfloat16 beside parameters in float32",
}
# On CPUs under Linux an epoch would take MLX minutes: it trains on these many sequences, and its time is scaled.
FEWER_SEQUENCES = {"mlx": 2_560} if LINUX else {}


class Failure(Exception):
    """A program could not be built, installed or run; the text says why."""


def say(message):
    print(message, file=sys.stderr, flush=True)


def output_of(command, what, **more):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if result.returncode != 0:
        raise Failure(f"{what} failed ({result.returncode}):\n{result.stderr.strip() or result.stdout.strip()}")
    return result.stdout


# Peers --------------------------------------------------------------------------------------------------------------


def default_environments():
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "unroll" / "peers"


def python_with(name, folder):
    """The Python of an environment with the named requirements, made and filled where it is not there yet."""
    packages = (REQUIREMENTS | PLOTTING | SERIES)[name]
    environment = folder / name
    python = environment / ("bin/python" if os.name == "posix" else "Scripts/python.exe")
    stamp = environment / "installed.json"
    if not stamp.exists() or json.loads(stamp.read_text()) != packages:
        say(f"installing {' '.join(packages)} into {environment}")
        venv.create(environment, with_pip=True, clear=True)
        output_of([python, "-m", "pip", "install", "--quiet", *packages], f"installing {name}")
        stamp.write_text(json.dumps(packages))
    return python


class Peer:
    """A framework with one kind of work, as anyone writes the model or with its input layer folded by hand."""

    def __init__(self, peer, work, folded, options):
        self.peer, self.work, self.folded = peer, work, folded
        self.name = peer + (", bf16" if work.precision == "bf16" else "") + (", folded by hand" if folded else "")
        self.figure = figure_for(work, options.sequences)
        self.flops = 2 * work.multiply_adds(folded) * self.figure.count
        self.environments = options.venv
        self.more = ["--fold", int(folded), "--threads", options.threads, "--epochs", options.epochs]
        self.sequences = options.sequences
        if is_mnist_epoch(work, options.sequences):
            self.sequences = FEWER_SEQUENCES.get(peer)
            self.more += ["--data", options.data]
        if self.sequences:
            self.more += ["--sequences", self.sequences]

    def prepare(self):
        self.python = python_with(self.peer, self.environments)

    def result(self, *more):
        """What the peer prints, as it prints it."""
        command = [self.python, BENCHMARKS / "peers" / f"{self.peer}_peer.py", *self.work.flags(), *self.more, *more]
        return json.loads(output_of(command, self.name).splitlines()[-1])

    def run(self):
        """Seconds per figure, several times."""
        result = self.result()
        scale = 1 if self.work.mode == "stream" else self.figure.count / result["sequences"]
        return {"seconds": [seconds * scale for seconds in result["seconds"]]} | {
            key: result[key] for key in ("loss", "sequences", "versions") if key in result
        }


# Unroll -------------------------------------------------------------------------------------------------------------


def build_unroll():
    command = ["swift", "build", "--package-path", REPOSITORY, "-c", "release", "--product", "unroll"]
    say("building unroll")
    output_of(command, "building unroll")
    return Path(output_of([*command, "--show-bin-path"], "looking for unroll").strip()) / "unroll"


def bench(binary, work, threads, rounds, seconds, **more):
    """What `unroll bench --json` prints."""
    settings = ["--threads", threads, "--rounds", rounds, "--seconds", seconds]
    return json.loads(output_of([binary, "bench", "--json", *work.flags(), *settings], "unroll bench", **more))


def train(binary, flags):
    """The summary of a run of `unroll train mnist`, whose folder is not kept."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "run"
        output_of([binary, "train", "mnist", *flags, "--quiet", "--output", output], "unroll train")
        return json.loads((output / "summary.json").read_text())


def limits(binary, precision, threads):
    """Floating point operations per second that `unroll bench` finds in registers: its best, for neighbours only slow it.

    And the seconds in which a cache line goes to the other core and back, None with one thread.
    """
    smallest = Work(precision=precision, batch_size=16, hidden=16, steps=4, inputs=4)
    rounds = bench(binary, smallest, threads, rounds=8, seconds=0.02)["rounds"]
    handovers = [round["handover"] for round in rounds if "handover" in round]
    return max(round["peak"] for round in rounds), statistics.median(handovers) if handovers else None


class Unroll:
    """`unroll bench`, or, where the work is an epoch of MNIST, `unroll train` itself with all that it does."""

    def __init__(self, work, options):
        self.work, self.options = work, options
        self.name = "unroll" + (", bf16" if work.precision == "bf16" else "")
        self.figure = figure_for(work, options.sequences)
        self.threads = 1 if work.mode == "stream" else options.threads
        self.trains_mnist = is_mnist_epoch(work, options.sequences)

    def prepare(self):
        """Counts the operations that are really executed: Unroll decides itself whether it folds."""
        report = bench(self.options.unroll, self.work, self.threads, rounds=1, seconds=0.02)
        self.figures_per_batch = self.figure.count / self.work.batch_size
        self.flops = 2 * sum(report["multiply_adds"].values()) * self.figures_per_batch

    def run(self):
        return self.train() if self.trains_mnist else self.bench()

    def bench(self):
        report = bench(self.options.unroll, self.work, self.threads, self.options.epochs, self.options.seconds)
        seconds = [round["seconds"] * self.figures_per_batch for round in report["rounds"]]
        return {"seconds": seconds, "versions": {"unroll": report["version"]}}

    def train(self):
        # The assignment's recipe without a validation split: Adam on all 60,000 images, as the peers do.
        flags = ["--recipe", "assignment", "--validation", 0, "--no-steps"]
        flags += self.work.flags(only=("cell", "layers", "precision", "batch_size", "hidden"))
        flags += ["--data", self.options.data, "--epochs", self.options.epochs, "--threads", self.threads]
        summary = train(self.options.unroll, flags)
        return {"seconds": summary["epoch_seconds"], "versions": {"unroll": summary["version"]}}


# All of them --------------------------------------------------------------------------------------------------------


def contestants(work, options):
    """Unroll and the chosen peers; in bf16, the peers in fp32 as well. Also why some take no part."""
    chosen = [] if options.no_unroll else [Unroll(work, options)]
    precisions = PRECISIONS[::-1] if work.precision == "bf16" else PRECISIONS[:1]
    left_out = []
    for name in options.peers:
        if reason := LEFT_OUT.get((name, work.mode)):
            left_out.append(f"{name}: {reason}")
            continue
        for precision in precisions:
            if reason := LEFT_OUT.get((name, precision)):
                left_out.append(f"{name} in {precision}: {reason}")
                continue
            its_work = Work(**{**vars(work), "precision": precision})
            chosen += [Peer(name, its_work, folded, options) for folded in options.fold]
    return chosen, left_out
