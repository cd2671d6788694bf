"""Draws what the first argument says into the file that the second names, from JSON on standard input: "shares", panels with
lines of share of peak against hidden size; or "ceiling", one network beside specialists by number of rows."""

import json
import sys

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "unroll"  # the same figures give the same file
import matplotlib.pyplot as plt

COLORS = {"unroll": "#d1495b", "torch": "#30638e", "jax": "#3d8b37", "tensorflow": "#e09f3e", "mlx": "#6c5b7b"}


def draw_shares(panels, file):
    figure, axes = plt.subplots(1, max(1, len(panels)), figsize=(9, 3.8), sharey=True, squeeze=False, layout="constrained")
    for axis, (title, lines) in zip(axes[0], panels.items()):
        for name, points in lines.items():
            hidden, shares = zip(*sorted(points))
            axis.plot(
                hidden,
                [100 * share for share in shares],
                label=name,
                color=COLORS.get(name.split(",")[0], "gray"),
                linestyle="--" if "folded" in name else ":" if "bf16" in name and "unroll" not in name else "-",
                marker="o",
                markersize=4,
            )
        axis.set_title(title)
        axis.set_xscale("log", base=2)
        ticks = sorted({hidden for points in lines.values() for hidden, _ in points})
        axis.set_xticks(ticks, [str(tick) for tick in ticks])
        axis.set_xlabel("hidden size")
        axis.set_ylim(0, 100)
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0][0].set_ylabel("share of peak, %")
    figure.legend(*axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    save(figure, file)


def draw_ceiling(rows, file):
    steps, anytime, specialist, last_step, low, mean, high = zip(*rows)
    figure, (above, below) = plt.subplots(2, 1, figsize=(8, 6.4), sharex=True, height_ratios=[3, 2], layout="constrained")
    lines = [("one network, asked after every row", anytime, "#0072b2", "-"),
             ("a network for so many rows alone", specialist, "#d55e00", "--"),
             ("asked after the last row alone", last_step, "gray", ":")]  # fmt: skip
    for name, accuracies, color, style in lines:
        above.plot(steps, [100 * share for share in accuracies], style, marker="o", markersize=4, color=color, label=name)
    above.set_ylabel("test accuracy, %")
    above.set_ylim(0, 100)
    above.legend(frameon=False, loc="lower right")
    points = [100 * share for share in mean]
    ends = [[100 * (middle - end) for middle, end in zip(mean, low)], [100 * (end - middle) for middle, end in zip(mean, high)]]
    below.errorbar(steps, points, yerr=ends, fmt="o", markersize=4, color="#0072b2", elinewidth=1)
    below.axhline(0, color="gray", linewidth=1)
    below.axhline(-0.5, color="gray", linewidth=1, linestyle=":")
    below.set_ylabel("one network less specialist,\npoints (lowest – highest seed)")
    below.set_xlabel("rows read")
    below.set_xticks(steps)
    for axis in (above, below):
        axis.grid(alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    save(figure, file)


def save(figure, file):
    figure.savefig(file, metadata={"Date": None} if file.endswith(".svg") else None)


if __name__ == "__main__":
    {"shares": draw_shares, "ceiling": draw_ceiling}[sys.argv[1]](json.load(sys.stdin), sys.argv[2])
