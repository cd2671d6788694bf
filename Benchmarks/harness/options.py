"""The options that several programs share."""

import argparse
from pathlib import Path

from .programs import REQUIREMENTS, Failure, build_unroll, default_environments
from .work import GATES, PRECISIONS


def shared_options(doc):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="torch", help=f"comma-separated, or all: {','.join(REQUIREMENTS)}")
    parser.add_argument("--fold", choices=("0", "1", "both"), default="both",
                        help="peers as anyone writes the model (0), with the input layer folded by hand (1), or both")
    parser.add_argument("--precision", choices=PRECISIONS, default="fp32", help="of the products; bf16 times peers in both")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contestant has its turn")
    parser.add_argument("--epochs", type=int, default=2, help="timed passes per turn")
    parser.add_argument("--seconds", type=float, default=1, help="how long Unroll's passes are repeated, where that is free")
    parser.add_argument("--threads", type=int, default=2, help="threads, and processor cores, for each contestant")
    parser.add_argument("--venv", type=Path, metavar="DIR", default=default_environments(),
                        help="folder for the peers' environments (default: %(default)s)")  # fmt: skip
    add_unroll(parser)
    parser.add_argument("--no-unroll", action="store_true", help="peers only")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    return parser


def add_unroll(parser):
    parser.add_argument("--unroll", type=Path, metavar="BINARY", help="use this binary; default: build one for release")


def add_shape(parser):
    parser.add_argument("--cell", choices=GATES, default="lstm")
    parser.add_argument("--layers", type=int, default=1, help="recurrent layers, one on the other")
    parser.add_argument("--batch-size", type=int, help="default: 128 for training, 1000 for inference")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--steps", type=int, default=28)
    parser.add_argument("--inputs", type=int, default=28, help="features per step")


def parse(parser):
    options = parser.parse_args()
    options.peers = list(REQUIREMENTS) if options.peers == "all" else options.peers.split(",")
    if unknown := [name for name in options.peers if name not in REQUIREMENTS]:
        parser.error(f"--peers: unknown {', '.join(unknown)}; there are {', '.join(REQUIREMENTS)}")
    for name in ("rounds", "epochs", "threads", "hidden", "steps", "inputs", "layers"):
        if getattr(options, name, 1) < 1:
            parser.error(f"--{name} must be at least 1")
    options.fold = [folded for folded in (False, True) if options.fold in ("both", str(int(folded)))]
    return options


def unroll_binary(given):
    """The binary that was named, or a fresh one."""
    if given and not given.is_file():
        raise Failure(f"--unroll: there is no file {given}")
    return given.resolve() if given else build_unroll()


def numbers(text):
    """The numbers in a list such as 7,10,14 or 7-28, ascending; ValueError where it is none."""
    found = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    if not found:
        raise ValueError(text)
    return sorted(found)
