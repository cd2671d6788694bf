"""Reports: where and when they were made, and tables in Markdown."""

import datetime
import os
import platform
import statistics
import subprocess
import sys

from .programs import REPOSITORY, output_of, say

# Flags of the processor that decide which kernels can run.
TELLING_FLAGS = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_tile", "amx_bf16", "asimd", "sve", "bf16")


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


def circumstances():
    """The part that all reports have; taken before anything runs."""
    where = machine()
    if where["load_before"] > 0.2 * where["cores"]:
        say(f"other programs are busy here (load {where['load_before']}): timings will be noisy and unfair")
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return {"date": date, "revision": revision(), "machine": where}


def circumstances_text(report):
    where = report["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(report.get("versions", {}).items()))
    return (
        f"{report['date']}, revision {report['revision']}. {where['processor']}, {where['cores']} cores "
        f"({' '.join(where['flags'])}), {where['system']}, load before {where['load_before']}."
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


def median_share(result):
    return percent(statistics.median(result["shares"])) if result.get("shares") else "–"


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
    table = markdown(["", f"median, {figure['unit']}", "min – max", f"× {base}", "share of peak"], rows)
    return "\n\n".join([table, f"{report['settings']}.", *(f"Note: {note}." for note in notes)])
