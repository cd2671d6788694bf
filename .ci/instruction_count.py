#!/usr/bin/env python3
"""Counts the instructions of a small training run, and holds them against a budget.

    .ci/instruction_count.py UNROLL MNIST [--write]

UNROLL is the binary, MNIST the folder with the data set's files. Times cannot be asserted on shared machines; this count
is the same whatever else a machine does. It is valgrind's, which shows programs a processor without AVX-512: what is
guarded is the AVX2 path and everything above the kernels (inner_loops.py guards the AVX-512 kernels). `--write` makes the
count of now the budget, .ci/instruction-budget.json.
"""

import gzip
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

BUDGET = Path(__file__).with_name("instruction-budget.json")
SLACK = 0.02  # for other versions of the C library and of valgrind
SEQUENCES = {"train": 128, "t10k": 10}
COMMON = ["--epochs", "1", "--threads", "1", "--batch-size", "64", "--hidden", "64", "--quiet", "--json", "--validation", "0"]
RUNS = {
    "lstm": COMMON,
    "lstm asked at the end": [*COMMON, "--objective", "last"],
    "2 layers of gru": [*COMMON, "--cell", "gru", "--layers", "2"],
    "rnn": [*COMMON, "--cell", "rnn"],
}


def shorten(source, folder):
    """The data set's four files with their first sequences only."""
    for part, count in SEQUENCES.items():
        for kind, item in (("images-idx3", 28 * 28), ("labels-idx1", 1)):
            name = f"{part}-{kind}-ubyte"
            plain = source / name
            data = plain.read_bytes() if plain.exists() else gzip.decompress((source / f"{name}.gz").read_bytes())
            header = 16 if item > 1 else 8
            short = data[:4] + struct.pack(">i", count) + data[8:header] + data[header : header + count * item]
            (folder / name).write_bytes(short)


def count(binary, arguments, folder):
    data = folder / "data"
    out = folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", binary, "train", data, *arguments]
    command += ["--output", folder / f"run-{len(list(folder.glob('run-*')))}"]
    environment = os.environ | {"SWIFT_DETERMINISTIC_HASHING": "1"}
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit status {result.returncode}\n{result.stderr[-2000:]}")
    return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)[1])


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        shorten(Path(sys.argv[2]), folder / "data")
        # valgrind gives up on the debug information that Swift writes.
        binary = folder / "unroll"
        subprocess.run(["strip", "--strip-debug", "-o", binary, sys.argv[1]], check=True)
        found = {run: count(binary, arguments, folder) for run, arguments in RUNS.items()}
    if "--write" in sys.argv:
        BUDGET.write_text(json.dumps(found, indent=2) + "\n")
    budget = json.loads(BUDGET.read_text())
    too_many = False
    for run, instructions in found.items():
        ratio = instructions / budget[run]
        print(f"{run}: {instructions:,} instructions, {ratio - 1:+.2%} of the budget")
        too_many |= ratio > 1 + SLACK
        if ratio < 1 - SLACK:
            print("  fewer than the budget: lower it with --write")
    if too_many:
        sys.exit(f"more than {SLACK:.0%} over the budget in {BUDGET.name}: find out why, or raise it knowingly")


if __name__ == "__main__":
    main()
