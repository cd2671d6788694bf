"""Reports: where and when they were made, and tables in Markdown."""

import datetime
import os
import platform
import resource
import statistics
import subprocess
import sys
import time

from .programs import REPOSITORY, output_of, say

# Flags of the processor that decide which kernels can run.
TELLING_FLAGS = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_tile", "amx_bf16", "asimd", "sve", "bf16")

MOST_TAKEN_BY_OTHERS = 0.05


def machine():
    model, flags = platform.processor(), []
    if sys.platform == "linux":
        with open("/proc/cpuinfo") as file:
            lines = file.read().split("\n\n")[0].splitlines()
        fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        model = fields.get("model name", model or platform.machine())
        have = (fields.get("flags") or fields.get("Features") or "").split()
        flags = [flag for flag in TELLING_FLAGS if flag in have]
    elif sys.platform == "darwin":
        model = output_of(["sysctl", "-n", "machdep.cpu.brand_string"], "sysctl").strip()
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "flags": flags,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load_before": round(os.getloadavg()[0], 2),
    }


def revision():
    git = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--abbrev=12"]
    result = subprocess.run(git, capture_output=True, text=True)
    return result.stdout.strip() or "unknown"


def foreign_seconds():
    """Core seconds that other programs, and the host, have taken so far; None where the system does not say."""
    if sys.platform != "linux":
        return None
    with open("/proc/stat") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    used = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        used -= usage.ru_utime + usage.ru_stime
    return used


def circumstances():
    """The part that all reports have; taken before anything runs, and completed by `finish`."""
    where = machine()
    if where["load_before"] > 0.2 * where["cores"]:
        say(f"other programs are busy here (load {where['load_before']}): timings will be noisy and unfair")
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return {"date": date, "revision": revision(), "machine": where, "clock": [time.monotonic(), foreign_seconds()]}


def finish(report):
    """Adds how much of the machine other programs took while the report was made: they slow some contestants more."""
    start, before = report.pop("clock")
    if before is not None:
        cores = report["machine"]["cores"]
        taken = (foreign_seconds() - before) / (time.monotonic() - start) / cores
        report["taken_by_others"] = max(0, taken)
        if taken > MOST_TAKEN_BY_OTHERS:
            report["notes"] = [
                f"other programs took {percent(taken)} of the machine meanwhile: these figures are disturbed and compare nothing"
            ] + report.get("notes", [])
    return report


def circumstances_text(report):
    where = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(report.get("versions", {}).items()))
    return (
        f"{report['date']}, revision {report['revision']}. {where['processor']}, {where['cores']} cores "
        f"({' '.join(where['flags'])}), {where['system']}, load before {where['load_before']}"
        + (f", {percent(report['taken_by_others'])} taken by others meanwhile." if "taken_by_others" in report else ".")
        + (f"\n\n{versions}." if versions else "")
    )


def versions_in(results):
    versions = {}
    for result in results.values():
        versions |= result.get("versions", {})
    return versions


def markdown(header, rows):
    """A table; the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def percent(share):
    return f"{100 * share:.0f} %"


def decimal(number):
    return "–" if number is None else f"{number:.2f}"


def median_share(result):
    return percent(statistics.median(result["shares"])) if result.get("shares") else "–"


def sharing(results):
    """How long a cache line took to the other core and back in the rounds, as a list of at most one note."""
    handovers = [1e9 * seconds for result in results for seconds in result.get("handovers", [])]
    if not handovers:
        return []
    low, high = f"{min(handovers):.0f}", f"{max(handovers):.0f}"
    return [f"a cache line went to the other core and back in {low if low == high else f'{low} to {high}'} ns"]


def contest(report):
    """The table of one comparison, fastest first, and what is to know about it."""
    results, figure = report["results"], report["figure"]
    median = {name: statistics.median(result["seconds"]) for name, result in results.items() if result["seconds"]}
    base = next((name for name in median if name.startswith("unroll")), min(median, key=median.get, default=""))
    rows = []
    for name in sorted(median, key=median.get):
        middle, low, high = (figure["factor"] * of(results[name]["seconds"]) for of in (statistics.median, min, max))
        ratio = f"{median[name] / median[base]:.2f}"
        rows.append([name, f"{middle:.3g}", f"{low:.3g} – {high:.3g}", ratio, median_share(results[name])])
    failed = [name for name in results if name not in median]
    rows += [[name, "failed", "–", "–", "–"] for name in failed]
    notes = [f"{name} failed: {results[name].get('failure')}" for name in failed] + report["notes"]
    notes += sharing(results.values())
    table = markdown(["", f"median, {figure['unit']}", "min – max", f"× {base}", "share of peak"], rows)
    return "\n\n".join([table, f"{report['settings']}.", *(f"Note: {note}." for note in notes)])


def grid(report):
    """One line per point: Unroll beside its fastest peer."""
    rows, notes = [], list(report.get("notes", []))
    for point in report["points"]:
        results = point["results"]
        median = {name: statistics.median(result["seconds"]) for name, result in results.items() if result["seconds"]}
        unroll = next((name for name in results if name.startswith("unroll")), None)
        peers = [name for name in median if name != unroll]
        fastest = min(peers, key=median.get, default=None)
        both = unroll in median and fastest
        rows.append([
            point["name"],
            f"{1e3 * median[unroll]:.3g}" if unroll in median else "–",
            fastest or "–",
            f"{1e3 * median[fastest]:.3g}" if fastest else "–",
            f"{median[fastest] / median[unroll]:.2f}" if both else "–",
            median_share(results.get(unroll, {})),
            median_share(results.get(fastest, {})),
        ])  # fmt: skip
        notes += [f"{point['name']}: {name} failed: {result['failure']}" for name, result in results.items() if "failure" in result]
        notes += [f"{point['name']}: {note}" for note in point["notes"]]
    notes += sorted({reason for point in report["points"] for reason in point["left_out"]})
    notes += sharing(result for point in report["points"] for result in point["results"].values())
    header = ["", "unroll, ms per update", "fastest peer", "its ms", "unroll faster by", "share of peak", "the peer's"]
    return "\n\n".join([markdown(header, rows), f"{report['settings']}.", *(f"Note: {note}." for note in notes)])


def recipe(report):
    """Whole processes: one line per program, every seed's time and accuracy."""
    results = report["results"]
    base = statistics.median(run["seconds"] for run in results["unroll"])
    rows = []
    for name, runs in results.items():
        seconds, accuracies = [run["seconds"] for run in runs], [run["accuracy"] for run in runs]
        rows.append([
            name,
            f"{statistics.median(seconds):.2f}",
            f"{min(seconds):.2f} – {max(seconds):.2f}",
            f"{statistics.median(seconds) / base:.2f}",
            f"{100 * statistics.mean(accuracies):.2f} %",
            ", ".join(f"{100 * accuracy:.2f}" for accuracy in accuracies),
        ])  # fmt: skip
    seeds = ", ".join(map(str, report["seeds"]))
    header = ["", "whole process, median s", "min – max", "× unroll", "mean test accuracy", f"seeds {seeds}"]
    return "\n\n".join([markdown(header, rows), f"{report['settings']}.", *(f"Note: {note}." for note in report["notes"])])


def regularizers(report):
    """Validation accuracy by variant: mean and spread over seeds, and the gain over the first of its group, seed by seed."""
    rows = []
    for group in report["groups"]:
        accuracies = {name: [100 * run["validation_accuracy"] for run in runs] for name, runs in group.items()}
        plain = next(iter(accuracies.values()), [])
        for name, values in accuracies.items():
            gains = [value - other for value, other in zip(values, plain, strict=True)]
            gain = "–" if values is plain else f"{statistics.mean(gains):+.2f}"
            if values is not plain and len(gains) > 1:
                gain += f" ± {statistics.stdev(gains) / len(gains) ** 0.5:.2f}"
            rows.append([
                name,
                f"{statistics.mean(values):.2f} %",
                f"{statistics.stdev(values):.2f}" if len(values) > 1 else "–",
                gain,
                ", ".join(f"{value:.2f}" for value in values),
                f"{statistics.mean(run['seconds_per_epoch'] for run in group[name]):.2f}",
            ])  # fmt: skip
    seeds = ", ".join(map(str, report["seeds"]))
    header = ["", "mean validation accuracy", "deviation", "gain ± its standard error", f"seeds {seeds}", "s per epoch"]
    return "\n\n".join([markdown(header, rows), f"{report['settings']}.", *(f"Note: {note}." for note in report.get("notes", []))])


def anytime(report):
    """Mean accuracy of each recipe by rows read, with the range over seeds at the end, and what stopping early comes to."""
    shown = (7, 10, 14, 18, 21, 24, 28)

    def spread(values):
        return f"{100 * statistics.mean(values):.2f} % ({100 * min(values):.2f} – {100 * max(values):.2f})"

    by_rows, early = [], []
    for name, runs in report["runs"].items():
        means = [f"{100 * statistics.mean(run['steps'][row - 1] for run in runs):.1f} %" for row in shown[:-1]]
        at_the_end, late = ([run[way][row - 1] for run in runs] for way, row in (("steps", 28), ("steps_blank_front", 25)))
        by_rows.append([name, str(runs[0]["epochs"]), *means, spread(at_the_end), f"{100 * statistics.mean(late):.2f} %"])
        if stops := [run["early"] for run in runs if run["early"]]:
            mean = {key: statistics.mean(stop[key] for stop in stops) for key in ("accuracy", "earliness", "harmonic_mean")}
            early.append([name, f"{100 * mean['accuracy']:.2f} %", f"{28 * mean['earliness']:.1f}",
                          f"{100 * mean['earliness']:.1f} %", f"{mean['harmonic_mean']:.3f}"])  # fmt: skip
    header = ["accuracy after", "epochs", *(f"{row} rows" for row in shown[:-1]), "28 rows (lowest – highest)",
              "3 blank rows, then 25"]  # fmt: skip
    tables = [markdown(header, by_rows)]
    if early:
        tables.append(markdown(["stopping early", "accuracy", "rows read", "share", "harmonic mean"], early))
    return "\n\n".join([*tables, f"Means over seeds; {report['settings']}.", *(f"Note: {note}." for note in report.get("notes", []))])


def questions(report):
    """Mean accuracy by rows read of the networks that were asked after some of them."""
    shown = (7, 8, 9, 10, 12, 14, 18, 28)
    rows = [[weights, *(f"{100 * statistics.mean(run['steps'][row - 1] for run in runs):.1f} %" for row in shown)]
            for weights, runs in report["runs"].items()]  # fmt: skip
    header = ["asked after", *(f"{row} rows" for row in shown)]
    return "\n\n".join([markdown(header, rows), f"Means over seeds, 10,000 images held out; {report['settings']}."])


def beside_specialists(report):
    """For each number of rows the mean accuracies of the one network, of its specialists and of the one for all rows, and the
    differences of the first two, seed by seed."""
    specialists, anytime = report["runs"].values()
    for rows in zip(*(run["rows"] for run in specialists), strict=True):
        step = rows[0]["step"]
        one = [run["test"][step - 1] for run in anytime]
        own, last_step = ([row[name]["test"] for row in rows] for name in ("specialist", "last_step"))
        differences = [ours - theirs for ours, theirs in zip(one, own, strict=True)]
        yield step, *map(statistics.mean, (one, own, last_step)), differences


def ceiling(report):
    """Mean accuracy of one network and of its specialists by rows read, and their difference with its range over seeds."""
    rows = []
    for step, *means, differences in beside_specialists(report):
        anytime, specialist, last_step = (f"{100 * mean:.2f} %" for mean in means)
        difference, low, high = (f"{100 * of(differences):+.2f}" for of in (statistics.mean, min, max))
        rows.append([str(step), anytime, specialist, difference, f"{low} – {high}", last_step])
    header = ["rows", "anytime", "specialist", "difference, points", "lowest – highest", "asked after the last row"]
    return "\n\n".join([markdown(header, rows), f"Means over seeds; {report['settings']}."])


def variants(report):
    """Mean accuracy of each variant after half and after all of its steps, with the range over seeds at the end."""
    rows = []
    for name, runs in report["runs"].items():
        count = len(runs[0]["steps"])
        half, end = ([run["steps"][step - 1] for run in runs] for step in (count // 2, count))
        rows.append([name, str(count), f"{100 * statistics.mean(half):.1f} %",
                     f"{100 * statistics.mean(end):.2f} % ({100 * min(end):.2f} – {100 * max(end):.2f})",
                     f"{statistics.median(run['seconds'] for run in runs):.1f} s"])  # fmt: skip
    header = ["network", "steps", "after half of them", "after all (lowest – highest)", "an epoch"]
    return "\n\n".join([markdown(header, rows), f"Means over seeds; {report['settings']}."])


def series(report):
    """Accuracy beside nearest neighbours and published figures; stopping early beside TEASER; errors of estimated numbers."""

    def spread(values, unit=1):
        low, middle, high = (unit * of(values) for of in (min, statistics.median, max))
        digits = 1 if unit == 100 else 4
        return f"{middle:.{digits}f} ({low:.{digits}f} – {high:.{digits}f})"

    def share(found):
        return "–" if found is None else f"{100 * found:.1f}"

    def size(found):
        low, high = found["lengths"]
        steps = f"{high}" if low == high else f"{low}–{high}"
        return f"{found['train']} / {found['test']}, {found['classes']}, {steps} × {found['features']}"

    def seconds(runs):
        return f"{statistics.median(run['seconds'] for run in runs):.0f}"

    tables, sources = [], report["sources"]
    if report["classified"]:
        rows = []
        for name in report["classified"]:
            runs, found, others = report["unroll"][name], report["aeon"][name], report["published"].get(name, {})
            neighbours = [share(found.get(distance, {}).get("accuracy")) for distance in ("euclidean", "dtw")]
            figures = [str(others.get(source, "–")) for source in sources]
            rows.append([f"{name} ({size(found)})", spread([run["accuracy"] for run in runs], 100), *neighbours, *figures,
                         seconds(runs)])  # fmt: skip
        header = ["accuracy, % (training / test series, classes, steps × features)", "unroll, median (min – max)",
                  "1-NN Euclid", "1-NN DTW", *(f"{source}*" for source in sources), "s in all"]  # fmt: skip
        tables.append(markdown(header, rows))
    if report["early"]:
        rows = []
        for name, found in report["early"].items():
            stops = {"unroll early": [run["early"] for run in report["unroll"][name]]}
            stops |= {title: [one] for title, one in found.items() if title != "versions"}
            for title, points in stops.items():
                middle = [statistics.median(point[key] for point in points)
                          for key in ("accuracy", "earliness", "harmonic_mean")]  # fmt: skip
                rows.append([f"{name}, {title}", share(middle[0]), share(middle[1]), f"{middle[2]:.3f}"])
        header = ["stopping early (medians)", "accuracy, %", "share of the series read, %", "harmonic mean"]
        tables.append(markdown(header, rows))
    if report["estimated"]:
        rows = []
        for name in report["estimated"]:
            runs, found = report["unroll"][name], report["aeon"][name]
            rows.append([f"{name} ({found['train']} / {found['test']})", spread([run["error"] for run in runs]),
                         *(f"{found[key]:.4f}" if key in found else "–" for key in ("mean", "euclidean", "dtw")),
                         seconds(runs)])  # fmt: skip
        header = ["root mean square error (training / test series)", "unroll, median (min – max)", "always the mean",
                  "1-NN Euclid", "1-NN DTW", "s in all"]  # fmt: skip
        tables.append(markdown(header, rows))
    notes = [f"\\* {title}: {text}." for title, text in sources.items()] if report["classified"] else []
    return "\n\n".join([*tables, *notes, f"{report['settings']}."])


def specialists(report):
    """One line per number of rows: the accuracy with its interval."""
    rows = [
        [str(step), f"{100 * its['accuracy']:.2f} %", f"{100 * its['low']:.2f} – {100 * its['high']:.2f} %"]
        for step, its in sorted(report["accuracies"].items())
    ]
    header = ["rows", "test accuracy", "95 % interval"]
    return "\n\n".join([markdown(header, rows), f"{report['settings']}.", *(f"Note: {note}." for note in report["notes"])])


def cost(report):
    """How time and memory grow: one line per size that grows, from its smallest to its largest value."""
    rows = []
    for name, sweep in report["sweeps"].items():
        points, (time_slope, memory_slope), expected = sweep["points"], sweep["slopes"], sweep["expected"]
        rows.append([
            name.replace("_", " "),
            " … ".join(f"{points[end]['size']:,}" for end in (0, -1)),
            " … ".join(f"{1e3 * points[end]['seconds']:.3g}" for end in (0, -1)),
            decimal(time_slope),
            expected[0],
            " … ".join(f"{points[end]['bytes'] / 1e6:.0f}" for end in (0, -1)),
            decimal(memory_slope),
            expected[1],
        ])  # fmt: skip
    header = ["grows", "from … to", "ms", "slope", "expected", "resident MB", "slope above the smallest process", "expected"]
    settings = (
        f"Everything else as in the assignment: lstm, hidden 128, 28 steps of 28, batch 128; {report['threads']} threads. ms "
        "per update, for data per epoch. The smallest processes take "
        f"{' and, with data, '.join(f'{base / 1e6:.0f}' for base in report['base_bytes'])} MB."
    )
    return "\n\n".join([markdown(header, rows), settings, *(f"Note: {note}." for note in report.get("notes", []))])
