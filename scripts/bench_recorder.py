"""The recorder's own CPU time, beside a program with many threads and categories: part of scripts/bench."""

import os
import statistics
import subprocess
import time

CATEGORIES = 100
FIRST, LAST = 1.5, 1.0  # seconds at the start and at the end that are left out: starting, and naming functions
# (words, interval, threads, microseconds between bursts, about how many blocks a second)
CASES = [
    ("recorder, 100 threads, ten times a second", "100ms", 100, 50_000, 40_000),
    ("the same at a million blocks a second", "100ms", 100, 1_900, 1_000_000),
    ("recorder, 1,000 threads, once a second", "1s", 1_000, 50_000, 400_000),
]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def share(build, scratch, seconds, case):
    """Percent of a core that it took in between."""
    words, interval, threads, pause, rate = case
    command = [os.path.join(build, "ration"), "record", "-q", "-o", os.path.join(scratch, "spread.ration"), "--interval",
               interval, "--", os.path.join(build, "bench", "spread"), *map(str, (rate * seconds, threads, CATEGORIES, pause))]
    recorder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    began, seen = time.monotonic(), []
    while recorder.poll() is None:
        try:
            seen.append((time.monotonic() - began, cpu_seconds(recorder.pid)))
        except OSError:
            break  # it has just ended
        time.sleep(0.1)
    text, _ = recorder.communicate()
    if recorder.returncode or text.split()[-1:] != ["tracked"]:
        raise SystemExit(f"ration: bench: {words}: status {recorder.returncode}, said {text.strip()!r}")
    middle = [one for one in seen if FIRST <= one[0] <= seen[-1][0] - LAST]
    (start, before), (end, after) = middle[0], middle[-1]
    return 100 * (after - before) / (end - start)


def measure(build, rounds, scratch, note):
    """[percent] for each case."""
    seconds = 6 if rounds < 9 else 12
    taken = []
    for case in CASES:
        note(case[0])
        taken.append(statistics.median(share(build, scratch, seconds, case) for _ in range(rounds // 3)))
    return taken


def targets(taken):
    """(words, measured, limit, unit), as scripts/bench has them."""
    return [(case[0], percent, 1, "% of a core") for case, percent in zip(CASES, taken)]
