"""The simulation, as its users start it: part of scripts/bench.

How long its frames take, with its blocks tracked and not; and, within a budget of what it took at its peak, how much longer
they take when that is cut to half while it runs.
"""

import json
import os
import statistics
import subprocess
import time

SIZES = {1_000: 20, 10_000: 5, 100_000: 4}  # seconds, simulated
CUT_SECONDS, CUT_AFTER = 400, 0.5           # simulated; of the clock
UNTRACKED = "not=creatures"


def start(build, options, *arguments):
    return subprocess.Popen([os.path.join(build, "creatures"), "--json", *map(str, arguments)],
                            stdout=subprocess.PIPE, text=True, env=dict(os.environ, RATION_OPTIONS=options))


def end(running):
    text, _ = running.communicate()
    if running.returncode:
        raise SystemExit(f"ration: bench: creatures: status {running.returncode}")
    return json.loads(text)


def run(build, options, *arguments):
    return end(start(build, options, *arguments))


def frames(build, rounds):
    """{(creatures, options): [result]}, taking turns."""
    taken = {}
    for _ in range(rounds):
        for count, seconds in SIZES.items():
            for options in ("", UNTRACKED):
                taken.setdefault((count, options), []).append(
                    run(build, options, "--creatures", count, "--seconds", seconds))
    return taken


def cut(build, rounds):
    """The median frame within half of the budget, over that within all of it; and the most bytes, over the half."""
    peak = run(build, "", "--seconds", 10)["peak_bytes"]
    ratios, held = [], []
    for _ in range(rounds):
        arguments = ("--budget", peak, "--seconds", CUT_SECONDS)
        whole = run(build, "", *arguments)
        running = start(build, "", *arguments)
        time.sleep(CUT_AFTER)
        subprocess.run([os.path.join(build, "ration"), "set", str(running.pid), f"total={peak // 2}"], check=True,
                       stdout=subprocess.DEVNULL)
        time.sleep(1)
        shown = subprocess.run([os.path.join(build, "ration"), "report", "--json", str(running.pid)], check=True,
                               capture_output=True, text=True)
        held.append(json.loads(shown.stdout)["processes"][0]["total"]["subtree_live_bytes"] / (peak // 2))
        half = end(running)
        ratios.append(half["frame_ms_p50"] / whole["frame_ms_p50"])
    return statistics.median(ratios), max(held)


def measure(build, rounds, note):
    note("creatures")
    few = rounds // 3 + 1  # each takes seconds
    return frames(build, few), cut(build, few)


def median(results, name):
    return statistics.median(result[name] for result in results)


def table(taken):
    """Rows of text, the first of them the head."""
    head = [["creatures", "frames a second", "ms a frame", "1 of 100", "untracked, ms", "allocations a frame"]]
    return head + [[f"{count:,}", f"{median(results, 'frames_per_second'):,.0f}", f"{median(results, 'frame_ms_p50'):.3f}",
                    f"{median(results, 'frame_ms_p99'):.3f}", f"{median(taken[count, UNTRACKED], 'frame_ms_p50'):.3f}",
                    f"{median(results, 'allocations_per_frame'):g}"]
                   for (count, options), results in taken.items() if not options]


def targets(taken, halved):
    """(words, measured, limit, unit), as scripts/bench has them."""
    ratio, held = halved
    return [
        ("creatures: a frame of 1,000", 1e6 / median(taken[1_000, ""], "frames_per_second"), 200, "us"),
        ("a frame of 100,000", 1e3 / median(taken[100_000, ""], "frames_per_second"), 16.67, "ms"),
        ("the median frame, its budget cut to half", ratio, 1.1, "of what it was"),
        ("bytes a second after, of that half", held, 1, "of the bytes"),
    ]
