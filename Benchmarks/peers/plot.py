"""Draws lines of share of peak against hidden size: panels as JSON from standard input, into the file that is named."""

import json
import sys

import matplotlib

matplotlib.use("Agg")
matplotlib.rcParams["svg.hashsalt"] = "unroll"  # the same figures give the same file
import matplotlib.pyplot as plt

COLORS = {"unroll": "#d1495b", "torch": "#30638e", "jax": "#3d8b37", "tensorflow": "#e09f3e", "mlx": "#6c5b7b"}


def draw(panels, file):
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
    figure.savefig(file, metadata={"Date": None} if file.endswith(".svg") else None)


if __name__ == "__main__":
    draw(json.load(sys.stdin), sys.argv[1])
