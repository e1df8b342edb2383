#!/usr/bin/python3
"""fail_calls: every system call of the shim's own, and each function of libc that may fail it, fails in turn.

  fail_calls.py [--most N] [--ways N] [--onward | --by-name [NAME,...]] [--over LIBRARY] [--result FILE] OPTIONS VICTIM ARG...

The victim runs once for each such call, under lib_failing_calls, which lets that one fail; with --onward that one and all
behind it; with --by-name all of a name, or all of those named. --most: at most so many of each call by name, evenly spread.
They fail by one error and another in turn, by each of a name's errors at least once, or by the first N (--ways). Expected each
time: output and status as without the shim; that the call was reached; that every segment can be read, and its books are
exact, or the report says what is missing. One line a finding; then, by name, `CALL failed N exact N said N nothing N`, to
stdout and behind FILE. Status 1 if any finding.

Needs RATION_BUILD. Where RATION_DIR takes no segment it lies in /dev/shm, and is removed there.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUILD = Path(os.environ["RATION_BUILD"])
VICTIMS = BUILD / "victims"
# Where nobody tells it of a fork, a child counts anew, as one of the raw system call does.
COUNTS_ANEW = {"pthread_atfork"}
# Until the shim knows whom to pass them on to, it makes them on behalf of the allocator below, which some cannot do without.
PASSED_ON = {"mmap", "munmap"}
WAYS_MOST = 6  # of what is called only where others fail

Books = collections.namedtuple("Books", "figures says kin")
Run = collections.namedtuple("Run", "outcome made calls books")


def read_books(segment):
    """The books of a segment: its figures, what the report says is missing, and (process, its parent)."""
    report = subprocess.run([BUILD / "ration", "report", "--json", segment], capture_output=True, text=True, timeout=60)
    if report.returncode != 0:
        return Books(None, f"report: status {report.returncode}: {report.stderr}", None)
    process = json.loads(report.stdout)["processes"][0]
    missing = [name for name, value in process["losses"].items() if value]
    missing += [f"{name} {process[name]}" for name in ("passive", "heap_refusal") if process[name]]
    figures = tuple(process["total"][f"subtree_{name}"] for name in ("allocations", "frees", "live_blocks"))
    return Books(figures, " ".join(missing), (process["pid"], process["parent"]))


def take_books(folder, pid, since):
    """Those of all processes that the victim was. Some may lie where others' do: told apart by who is whose parent."""
    found = [read_books(path) for path in sorted(folder.glob("ration.*"))]
    family = {pid} | {books.kin[0] for books in found if books.kin}
    for path in newer_than(since, Path("/dev/shm").glob("ration.*")):
        books = read_books(path)
        if books.kin and not family.isdisjoint(books.kin):
            family.add(books.kin[0])
            found.append(books)
            path.unlink(missing_ok=True)
    return found


def newer_than(since, paths):
    """Those that were changed since, the oldest first. Another run may remove some meanwhile."""
    changed = []
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            changed.append((path.stat().st_mtime, path))
    return [path for when, path in sorted(changed) if when >= since]


def run(arguments, variables):
    """A run of the victim, with these variables of lib_failing_calls."""
    with tempfile.TemporaryDirectory(prefix="faults.") as name:
        folder = Path(name)
        (folder / "segments").mkdir()
        (folder / "count").write_bytes(bytes(64))
        environment = dict(os.environ, RATION_DIR=f"{name}/segments", RATION_OPTIONS="keep=1," + arguments.options,
                           LD_PRELOAD=f"{BUILD}/libration.so:{VICTIMS}/lib_failing_calls:{arguments.over}",
                           FAULT_COUNT=f"{name}/count", FAULT_LOG=f"{name}/log", **variables)
        since = time.time() - 1  # the file system's clock is a little behind
        victim = subprocess.Popen([VICTIMS / arguments.victim, *arguments.argument], env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            outcome = (*victim.communicate(timeout=60), victim.returncode)
        except subprocess.TimeoutExpired:
            os.killpg(victim.pid, signal.SIGKILL)
            outcome = (*victim.communicate(), "does not end")
        log = folder / "log"
        calls = [tuple(line.split()) for line in log.read_text().splitlines()] if log.exists() else []
        made = int.from_bytes((folder / "count").read_bytes()[:4], sys.byteorder)
        return Run(outcome, made, calls, take_books(folder / "segments", victim.pid, since))


def chosen(calls, most, most_ways):
    """(number, way), at most so many of each name, the first and the last among them; more where there are more ways to fail."""
    by_name = collections.defaultdict(list)
    ways_of = {}
    for number, name, ways in calls:
        by_name[name].append(int(number))
        ways_of[name] = min(int(ways), most_ways or int(ways))
    for name, numbers in by_name.items():
        parts = max(min(most or len(numbers), len(numbers)), ways_of[name])
        for part in range(parts):
            yield numbers[part * (len(numbers) - 1) // max(parts - 1, 1)], part % ways_of[name]


def faults(arguments, calls):
    """What to ask lib_failing_calls for, one run each."""
    if arguments.by_name is None:
        kind = "FAULT_FROM" if arguments.onward else "FAULT_AT"
        return [{kind: str(number), "FAULT_WAY": str(way)}
                for number, way in sorted(chosen(calls, arguments.most, arguments.ways))]
    ways = {name: int(ways) for _, name, ways in calls if not arguments.over or name not in PASSED_ON}
    names = {arguments.by_name: WAYS_MOST} if arguments.by_name else ways
    return [{"FAULT_NAME": name, "FAULT_WAY": str(way)}
            for name in sorted(names) for way in range(min(names[name], arguments.ways or names[name]))]


def judge_whole(listed, whole, plain):
    """Where no call fails all is exact, and there are calls that could."""
    if listed.outcome != plain or whole.outcome != plain:
        yield f"output and status are {whole.outcome}, without the shim {plain}"
    if len(listed.calls) < 50 or not whole.books or any(books.figures is None or books.says for books in whole.books):
        yield f"{len(listed.calls)} calls, and books {whole.books}"


def judge(asked, found, plain, whole, tally):
    """Findings of one run. Threads may make some calls more or fewer from run to run: what never came, could not fail."""
    if found.outcome != plain:
        yield f"output and status are {found.outcome}, without the shim {plain}"
    unreached = {*filter(None, asked.get("FAULT_NAME", "").split(","))} - {name for _, name, _ in found.calls}
    if unreached:
        yield f"no call of {' '.join(unreached)} was reached"
    if not found.calls:
        if found.made >= int(asked.get("FAULT_AT", asked.get("FAULT_FROM", 10**9))):
            yield "the call was made, and did not fail"
        return
    tally["failed"] += 1
    exact = {books.figures for books in whole.books}
    names = {name for _, name, _ in found.calls}
    is_new = bool(names & COUNTS_ANEW)
    is_said = any(books.says for books in found.books)  # a child goes on from the books that its parent has
    for books in found.books:
        if books.figures is None:
            if "unlinkat" not in names:  # else one that was begun, and could not be removed
                yield books.says
        elif not is_said and books.figures not in exact and not is_new:
            yield f"nothing is said of what is missing: {books.figures} is none of {sorted(exact)}"
    if is_said:
        tally["said"] += 1
    elif len(found.books) == len(whole.books) and not is_new:
        tally["exact"] += 1
    else:
        tally["nothing"] += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--ways", type=int, default=0)
    parser.add_argument("--onward", action="store_true")
    parser.add_argument("--by-name", nargs="?", const="")
    parser.add_argument("--over", default="")
    parser.add_argument("--result")
    parser.add_argument("options")
    parser.add_argument("victim")
    parser.add_argument("argument", nargs="*")
    arguments = parser.parse_args()
    alone = subprocess.run([VICTIMS / arguments.victim, *arguments.argument], capture_output=True, text=True, timeout=60)
    plain = alone.stdout, alone.stderr, alone.returncode
    listed, whole = run(arguments, {"FAULT_AT": "0"}), run(arguments, {"FAULT_AT": str(10**6)})
    findings = [f"{arguments.options}: no call fails: {line}" for line in judge_whole(listed, whole, plain)]
    tallies = collections.defaultdict(lambda: dict.fromkeys(("failed", "exact", "said", "nothing"), 0))
    kind = "FAULT_NAME" if arguments.by_name is not None else "FAULT_FROM" if arguments.onward else "FAULT_AT"
    asked = faults(arguments, listed.calls)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for one, found in zip(asked, pool.map(lambda one: run(arguments, one), asked)):
            name = one.get("FAULT_NAME") or (found.calls[0][1] if found.calls else "none")
            words = " ".join(f"{variable}={value}" for variable, value in one.items())
            findings += [f"{arguments.options}: {words} {name}: {line}"
                         for line in judge(one, found, plain, whole, tallies[name])]
    failed = sum(tally["failed"] for tally in tallies.values())
    if failed < 0.75 * len(asked):
        findings.append(f"{arguments.options}: of {len(asked)} calls {failed} were reached")
    tallies.pop("none", None)
    lines = [" ".join([name, *(f"{word} {number}" for word, number in tally.items())]) for name, tally in sorted(tallies.items())]
    print(*findings, *lines, sep="\n")
    if arguments.result:
        with open(arguments.result, "a", encoding="utf-8") as result:
            result.writelines(f"{arguments.options}\t{kind}\t{line}\n" for line in lines)
    return 1 if findings else 0


sys.exit(main())
