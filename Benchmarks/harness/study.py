"""Studies: networks that are trained on MNIST once per seed, each kept when it is finished, and a table of their means."""

import argparse
import sys
from pathlib import Path

from . import options as shared
from . import report, rounds
from .kept import KeptRuns
from .programs import Failure

# What each row of an image counts for, so that one network is nearly as good after every row as one for that row alone.
WEIGHTS_OF_ROWS = "1-6:0.25,7:9,8:7,9:5,10-14:3,15-26,27-28:3"


class Study:
    """A program's command line, and what it does by it.

    `doc` is the program's own documentation, whose last paragraph is about --output; `seeds` are those of --seeds.
    """

    def __init__(self, doc, seeds):
        self.name = Path(sys.argv[0]).name
        self.parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder with the MNIST files")
        self.parser.add_argument("--seeds", default=seeds, help="comma-separated (default: %(default)s)")
        self.parser.add_argument("--threads", type=int, default=2)
        self.parser.add_argument("--output", type=Path, metavar="FILE", help="JSON file that finished runs are kept in")
        shared.add_unroll(self.parser)

    def add_names(self, known):
        """Adds --only, for a study of networks with names."""
        self.known = list(known)
        self.parser.add_argument("--only", metavar="NAMES", help="semicolon-separated; of: " + "; ".join(self.known))

    def parse(self):
        options = self.parser.parse_args()
        if not options.data.is_dir():
            self.parser.error(f"--data: there is no folder {options.data}")
        try:
            options.seeds = [int(seed) for seed in options.seeds.split(",")]
        except ValueError:
            self.parser.error(f"--seeds {options.seeds}: expected numbers such as 1,2,3")
        if hasattr(options, "only"):
            options.names = [name.strip() for name in options.only.split(";")] if options.only else self.known
            if unknown := [name for name in options.names if name not in self.known]:
                self.parser.error(f"--only: there is no {unknown[0]}")
        return options

    def run(self, options, names, settings_of, measure, table, settings):
        """Measures each of `names` with each seed, prints a table, and returns what it was made of.

        `settings_of(name)` says all that decides the outcome besides the seed, so that a file never mixes settings.
        `measure(name, seed)` returns what is kept of a run, its "version" among it. `table(result)` makes the table of
        `result["runs"]`, a list by name, and of `result["settings"]`.
        """
        try:
            kept = KeptRuns(options.output)
            options.unroll = shared.unroll_binary(options.unroll)
            result = report.circumstances()
            rounds.confine(options.threads)
            runs = {name: [] for name in names}
            for seed in options.seeds:
                for name in names:
                    key = f"{settings_of(name)}, seed {seed}"
                    runs[name].append(kept.result(key, lambda name=name, seed=seed: measure(name, seed)))
        except Failure as failure:
            sys.exit(f"{self.name}: {failure}")
        except KeyboardInterrupt:
            sys.exit(130)
        result |= {
            "runs": runs,
            "versions": {"unroll": runs[names[0]][0]["version"]},
            "settings": f"{settings}; seeds {', '.join(map(str, options.seeds))}",
        }
        report.finish(result)
        print(f"{table(result)}\n\n{report.circumstances_text(result)}")
        return result
