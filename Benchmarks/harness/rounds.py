"""Turns: every contestant once per round, each round starting with another one, the peak measured in every round."""

import os
import statistics
import sys

from .programs import Failure, limits, say

LARGEST_DIFFERENCE_OF_LOSSES = {"fp32": 0.01, "bf16": 0.1}


def confine(cores):
    """Holds this process, and so every contestant, to the first `cores` cores it may use. False where it cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < cores:
        sys.exit(f"--threads {cores}: this process may use only {len(allowed)} cores")
    os.sched_setaffinity(0, allowed[:cores])
    return True


def interleaved(contestants, rounds, options, title=""):
    """Results by name: seconds, shares of the peak, and whatever else a run reported; or the failure that ended it."""
    results = {contestant.name: {"seconds": [], "shares": [], "handovers": []} for contestant in contestants}

    def attempt(contestant, action):
        result = results[contestant.name]
        if "failure" not in result:
            try:
                return action()
            except Failure as failure:
                say(str(failure))
                result["failure"] = str(failure).splitlines()[-1]
        return None

    for contestant in contestants:
        attempt(contestant, contestant.prepare)
    for turn in range(rounds):
        its_limits = limits_of(contestants, options)
        shift = turn % len(contestants)
        for contestant in contestants[shift:] + contestants[:shift]:
            say(f"{title}round {turn + 1} of {rounds}: {contestant.name}")
            run = attempt(contestant, contestant.run)
            if not run:
                continue
            result = results[contestant.name]
            result["precision"] = contestant.work.precision
            result["seconds"] += run.pop("seconds")
            seconds = statistics.median(result["seconds"][-options.epochs :])
            if contestant.work.precision in its_limits:
                peak, handover = its_limits[contestant.work.precision]
                result["shares"].append(contestant.flops / seconds / peak)
                result["handovers"] += [handover] if handover else []
            result |= run
    return results


def limits_of(contestants, options):
    """The limits in each precision that is needed, on as many threads as the work may use; empty where they are unknown."""
    if options.no_unroll:
        return {}
    threads = 1 if contestants[0].work.mode == "stream" else options.threads
    precisions = {contestant.work.precision for contestant in contestants}
    try:
        return {precision: limits(options.unroll, precision, threads) for precision in precisions}
    except Failure as failure:
        say(f"no share of peak: {failure}")
        return {}


def impossible_shares(results):
    """A note on every contestant with a share of the peak that cannot be: its peak was measured too low."""
    return [
        f"{name} seems to reach {max(result['shares']):.0%} of the peak: that peak was measured too low, and no share here holds"
        for name, result in results.items()
        if max(result["shares"], default=0) > 1
    ]


def disagreement(results):
    """What is wrong with the peers' losses, or None.

    All start from the same weights and see the same batches, so different losses mean different work. In bf16 each
    framework rounds in other places, and the paths part.
    """
    groups = {}
    for result in results.values():
        if "loss" in result:
            groups.setdefault((result["precision"], result["sequences"]), []).append(result["loss"])
    for (precision, _), losses in groups.items():
        if not max(losses) <= min(losses) * (1 + LARGEST_DIFFERENCE_OF_LOSSES[precision]):
            return f"the peers' losses disagree in {precision}, from {min(losses):.4g} to {max(losses):.4g}: not the same work"
    return None
