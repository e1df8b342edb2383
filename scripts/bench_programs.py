"""Real programs, as users of ration and of heaptrack start them: part of scripts/bench.

Times are those of all processes of a command (the tool, the program, and who reads what it writes), CPU time and time
elapsed; what a tool adds is the difference to the program alone in the same round.
"""

import os
import resource
import shutil
import statistics
import subprocess
import time

FILES = os.path.abspath("tests/bench/programs")
PROGRAMS = [
    ("perl words.pl", ["perl", f"{FILES}/words.pl"]),
    ("python3 objects.py", ["/usr/bin/python3", f"{FILES}/objects.py"]),
    ("sqlite3 table.sql", ["sqlite3", ":memory:", f".read {FILES}/table.sql"]),
]
ONE_STACK, STACKS = "3 million blocks, one stack of 40 calls", "3 million blocks, 32 stacks of 40 calls"
ALONE, OFF, DEFAULT, EVERY, HEAPTRACK = "alone", "sampling off", "default sampling", "every block", "heaptrack"


def commands(build):
    """Those programs, and the loops below 40 calls that every block is sampled in."""
    deep = os.path.join(build, "bench", "deep")
    return [*PROGRAMS, (ONE_STACK, [deep, "3000000", "same"]), (STACKS, [deep, "3000000", "varied"])]


def tools(build, command, scratch):
    ration = [os.path.join(build, "ration"), "run", "--quiet"]
    heaptrack = ["heaptrack", "-o", os.path.join(scratch, "heaptrack"), *command]
    return {ALONE: command, OFF: [*ration, "--set", "sample=off", "--", *command], DEFAULT: [*ration, "--", *command],
            EVERY: [*ration, "--set", "sample=1", "--", *command],
            **({HEAPTRACK: heaptrack} if shutil.which("heaptrack") else {})}


def times(command, scratch):
    """Seconds of CPU time and elapsed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LD_", "RATION_"))}
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env={**env, "PYTHONMALLOC": "malloc"}, cwd=scratch, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    elapsed, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, elapsed)


def median(rounds, how):
    return statistics.median(how(taken) for taken in rounds)


def row(title, rounds):
    def added(tool, kind):
        return lambda taken: taken[tool][kind] - taken[ALONE][kind]

    cells = [title, f"{median(rounds, lambda taken: taken[ALONE][0]):.3f} s",
             f"{median(rounds, lambda taken: taken[DEFAULT][0] / taken[OFF][0]):.2f}",
             f"+{median(rounds, added(EVERY, 0)):.3f} s"]
    if HEAPTRACK not in rounds[0]:
        return cells + ["-"] * 4
    return cells + [f"+{median(rounds, added(HEAPTRACK, 0)):.3f} s",
                    f"{median(rounds, added(HEAPTRACK, 0)) / median(rounds, added(EVERY, 0)):.1f}",
                    f"+{median(rounds, added(EVERY, 1)):.3f} s", f"+{median(rounds, added(HEAPTRACK, 1)):.3f} s"]


def measure(build, rounds, scratch, note):
    """Rows of text, the first of them the head."""
    rows = [["all processes of a command", "alone", "default/off", "every block", "heaptrack", "of it",
             "every block, elapsed", "heaptrack, elapsed"]]
    for title, command in commands(build):
        if shutil.which(command[0]):
            note(title)
            started = tools(build, command, scratch)
            rows.append(row(title, [{name: times(line, scratch) for name, line in started.items()}
                                    for _ in range(rounds)]))
    return rows


def targets(rows):
    """(words, measured, limit, unit), as scripts/bench has them: heaptrack against every block sampled."""
    times_of = {row[0]: row[5] for row in rows[1:]}
    return [(f"{title}, of heaptrack's, all processes",
             1 / float(times_of[title]) if times_of.get(title, "-") != "-" else None, 0.2, "of the CPU time")
            for title in (ONE_STACK, STACKS)]
