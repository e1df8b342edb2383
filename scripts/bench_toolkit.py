"""librationkit beside malloc, uthash, GLib and plain arrays: part of scripts/bench.

Each program (tests/bench/kit_*.c) has its contenders take turns within one run, without the shim, and prints lines
`WHAT: CONTENDER NS, CONTENDER NS ...`, the toolkit's own first.
"""

import os
import re
import statistics
import subprocess

SIZES = ("16", "64", "256")
ARENA_OBJECTS, HEAP_OBJECTS = "20000000", "5000000"


def lines_of(build, program, *arguments):
    """What it prints; nothing where it has no peer to stand beside (status 77)."""
    done = subprocess.run([os.path.join(build, "bench", program), *arguments], capture_output=True, text=True,
                          env={name: value for name, value in os.environ.items() if not name.startswith("LD_")})
    if done.returncode not in (0, 77):
        raise SystemExit(f"ration: bench: {program}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout.splitlines()


def row_of(line):
    what, _, rest = line.partition(": ")
    return what, [(name, float(ns)) for name, ns in re.findall(r"(\w+) ([0-9.]+)", rest)]


def in_turn(build, rounds, ways, *arguments):
    """[(name, median ns)] of kit_arena's ways, which are a run each."""
    taken = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            taken[way].append(float(lines_of(build, "kit_arena", way, *arguments)[0].split()[0]))
    return [(name, statistics.median(taken[way])) for way, name in ways.items()]


def arena_rows(build, rounds):
    frame = {"private": "arena_of_one_thread", "shared": "arena", "malloc": "malloc"}
    rows = [(f"objects until the end of a frame, {size} bytes", in_turn(build, rounds, frame, size, ARENA_OBJECTS))
            for size in SIZES]
    for what, way in (("one object, 16 to 128 bytes", "hot"), ("objects in random order, 16 to 128 bytes", "random")):
        heap = {f"heap_{way}": "heap", way: "malloc"}
        rows.append((what, in_turn(build, rounds, heap, "128", HEAP_OBJECTS)))
    return rows


def measure(build, rounds, note):
    """[(what, [(contender, ns)])], and how fast a query over two components is: [(entities, case, % of plain arrays)]."""
    note("the toolkit")
    rows = [row_of(line) for line in lines_of(build, "kit_pool", "100000")] + arena_rows(build, rounds)
    for program in ("kit_interner", "kit_glib"):
        rows += [row_of(line) for line in lines_of(build, program, str(rounds))]
    shares = re.findall(r"(\d+) (\w+) +([0-9.]+) % of", "\n".join(lines_of(build, "kit_world")))
    return rows, [(int(count), case, float(share)) for count, case, share in shares]


def table(rows):
    """Rows of text, the first of them the head: the toolkit's, and each other's as a multiple of it."""
    head = [["the toolkit, ns", "", "", "the others"]]
    return head + [[what, taken[0][0], f"{taken[0][1]:.2f}",
                    ", ".join(f"{name} {ns:.2f} ({ns / taken[0][1]:.1f})" for name, ns in taken[1:])]
                   for what, taken in rows]


def shares_table(shares):
    cases = list(dict.fromkeys(case for _, case, _ in shares))
    head = [["two components, % of plain arrays", *cases]]
    return head + [[f"{count:,} entities", *(f"{share:.0f} %" for number, _, share in shares if number == count)]
                   for count in dict.fromkeys(count for count, _, _ in shares)]


def most(rows, what, ours, theirs):
    """The largest share of theirs that ours takes, over all rows of that kind; None: there is none."""
    found = [dict(taken) for title, taken in rows if title.startswith(what)]
    found = [taken[ours] / taken[theirs] for taken in found if ours in taken and theirs in taken]
    return max(found) if found else None


def targets(rows, shares):
    """(words, measured, limit, unit), as scripts/bench has them."""
    slowest = min((share for _, _, share in shares), default=None)
    return [
        ("toolkit: pool, 100,000 in random order, of malloc's", most(rows, "objects in random order", "pool", "malloc"),
         1 / 3, "of the time"),
        ("arena of one thread, of malloc's", most(rows, "objects until", "arena_of_one_thread", "malloc"), 1 / 3,
         "of the time"),
        ("arena of many threads, of malloc's", most(rows, "objects until", "arena", "malloc"), 1 / 3, "of the time"),
        ("interner, of a bare uthash table's", most(rows, "a string is", "interner", "uthash"), 1, "of the time"),
        ("query over two components, over plain arrays", slowest and 100 / slowest, 1 / 0.9, "of the time"),
    ]
