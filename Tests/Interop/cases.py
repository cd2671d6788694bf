"""What the scripts of this folder have in common: one makes weights and logits with another tool, and answers with what
Unroll has written.

    python <tool>_peer.py make FOLDER      NAME.safetensors: weights; NAME.answers.safetensors: sequences, their logits
    python <tool>_peer.py answer FOLDER    NAME.again.safetensors: the logits with the weights in NAME.exported.safetensors

Weights and sequences are random and the same each time.
"""

import json
import sys
from pathlib import Path

FEATURES, WIDTH, HIDDEN, CLASSES = 5, 6, 4, 3
BATCH, STEPS = 7, 12


def names(bidirectional=True):
    """Every case by its name: cell, layers, and whether they read in both directions."""
    return {
        f"{cell}-{layers}{'-bidirectional' if both else ''}": (cell, layers, both)
        for cell in ("lstm", "gru", "rnn", "irnn")
        for layers in (1, 2)
        for both in ((False, True) if bidirectional else (False,))
    }


def main(cases, versions, make, answer, load_answers, save_answers):
    """Runs the script.

    `make(case, path)` writes weights and gives sequences and logits; `answer(case, path, sequences)` gives logits with the
    weights in a file. The last two read and write files of arrays.
    """
    command, folder = sys.argv[1], Path(sys.argv[2])
    worst = 0.0
    for name, case in cases.items():
        answers = folder / f"{name}.answers.safetensors"
        if command == "make":
            sequences, logits = make(case, str(folder / f"{name}.safetensors"))
            save_answers({"sequences": sequences, "logits": logits}, str(answers))
            continue
        made = load_answers(str(answers))
        logits = answer(case, str(folder / f"{name}.exported.safetensors"), made["sequences"])
        save_answers({"logits": logits}, str(folder / f"{name}.again.safetensors"))
        worst = max(worst, float(abs(logits - made["logits"]).max()))
    print(json.dumps({"cases": len(cases), "versions": versions, "largest_difference": worst}))
