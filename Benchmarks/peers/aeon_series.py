"""What aeon makes of a data set that comes with it: what `series` runs. One of these, printed as JSON:

    --list                          the data sets in aeon's own folder, and where they lie
    --classify NAME                 nearest neighbours: Euclidean distance, and dynamic time warping with a full window
    --early NAME --seed N           TEASER, and stopping at a probability threshold
    --regress NAME                  the training set's mean, and nearest neighbours

Series are taken as the files have them. Several features are warped together. Euclidean distance needs series of one length.
"""

import argparse
import json
import math
import time
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

# Packages take a while to import, and this much can be known without.
FOLDER = Path(find_spec("aeon").submodule_search_locations[0]) / "datasets" / "data"


def listed():
    return {"folder": str(FOLDER), "names": sorted(path.name for path in FOLDER.iterdir())}


def load(name, numbers=False):
    from aeon.datasets import load_from_ts_file

    parts = []
    for part in ("TRAIN", "TEST"):
        x, y = load_from_ts_file(str(FOLDER / name / f"{name}_{part}.ts"))
        parts += [x, y.astype(float) if numbers else y]
    return parts


def timed(action):
    start = time.perf_counter()
    result = action()
    return result, time.perf_counter() - start


def lengths(series):
    return {one.shape[-1] for one in series}


def distances(*parts):
    return ["euclidean", "dtw"] if len(set().union(*map(lengths, parts))) == 1 else ["dtw"]


def classify(name):
    from aeon.classification.distance_based import KNeighborsTimeSeriesClassifier

    train, labels, test, truth = load(name)
    found = {"classes": len(set(labels)), "train": len(labels), "test": len(truth), "features": train[0].shape[0]}
    found["lengths"] = [min(lengths(train) | lengths(test)), max(lengths(train) | lengths(test))]
    for distance in distances(train, test):
        neighbour = KNeighborsTimeSeriesClassifier(n_neighbors=1, distance=distance).fit(train, labels)
        answers, seconds = timed(lambda neighbour=neighbour: neighbour.predict(test))
        found[distance] = {"accuracy": float((answers == truth).mean()), "seconds": seconds}
    return found


def early(name, seed):
    from aeon.classification.early_classification import TEASER, ProbabilityThresholdEarlyClassifier
    from aeon.classification.interval_based import TimeSeriesForestClassifier

    train, labels, test, truth = load(name)
    contestants = {
        "TEASER": TEASER(random_state=seed),
        # Its own default, DrCIF, takes many times as long.
        "probability above 0.85": ProbabilityThresholdEarlyClassifier(
            estimator=TimeSeriesForestClassifier(random_state=seed), random_state=seed
        ),
    }
    found = {}
    for title, contestant in contestants.items():
        (mean, accuracy, earliness), seconds = timed(lambda its=contestant: its.fit(train, labels).score(test, truth))
        found[title] = {"accuracy": float(accuracy), "earliness": float(earliness), "harmonic_mean": float(mean),
                        "seconds": seconds}  # fmt: skip
    return found


def regress(name):
    from aeon.regression.distance_based import KNeighborsTimeSeriesRegressor

    train, numbers, test, truth = load(name, numbers=True)

    def error(estimates):
        return math.sqrt(((estimates - truth) ** 2).mean())

    found = {"train": len(numbers), "test": len(truth), "mean": error(numbers.mean())}
    for distance in distances(train, test):
        neighbour = KNeighborsTimeSeriesRegressor(n_neighbors=1, distance=distance).fit(train, numbers)
        found[distance] = error(neighbour.predict(test))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--list", action="store_true")
    for name in ("classify", "early", "regress"):
        what.add_argument(f"--{name}", metavar="NAME")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.list:
        found = listed()
    elif options.classify:
        found = classify(options.classify)
    elif options.early:
        found = early(options.early, options.seed)
    else:
        found = regress(options.regress)
    found["versions"] = {name: version(name) for name in ("aeon", "numpy")}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
