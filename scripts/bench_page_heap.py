"""The page heap beside plain glibc, the system heap and the allocators that count nothing: part of scripts/bench.

Small programs (tests/bench) and real ones take turns, round after round; each ratio to glibc is taken within its round, and
the median over the rounds is shown. The page heap counts every block, by library, and samples by default.
"""

import os
import resource
import shutil
import statistics
import subprocess
import tempfile

GLIBC, PAGE, HARD, SYSTEM, MIMALLOC = "glibc", "page heap", "hardened", "system heap", "mimalloc"

# (title, program, arguments, about as many operations as take 0.2 s over glibc, at most so much of glibc's time)
WORKLOADS = [
    ("hot loop, malloc and free", "hot", [], 24_000_000, 0.9),
    ("batches of 1,000", "batch", [], 12_000_000, 0.2),
    ("100,000 live, random replace", "live", [], 6_000_000, None),
    ("mixed, 1 thread", "mixed", ["1"], 5_000_000, 0.48),
    ("mixed, 8 threads (on two processors)", "mixed", ["8"], 8_000_000, 0.48),
    ("producer and consumer, in turn", "handover", ["1"], 4_000_000, None),
    ("producer and consumer", "handover", ["16"], 1_500_000, 0.22),
    ("relay of 4 threads", "relay", ["4"], 4_000_000, 0.6),
    ("short-lived threads", "churn", [], 4_000_000, 1.05),
    ("growth to 4 KiB", "growth", ["4096"], 5_000_000, 0.5),
    ("growth to 1 MiB", "growth", ["1048576"], 400_000, 0.15),
    ("larson, 2 threads", "larson", ["2"], 6_000_000, None),
    ("larson, 8 threads", "larson", ["8"], 6_000_000, None),
    ("cache-scratch, 2 threads", "cache", ["2", "scratch"], 1_000_000, None),
    ("cache-thrash, 2 threads", "cache", ["2", "thrash"], 1_000_000, None),
    ("mstress, 2 threads", "mstress", ["2"], 4_000_000, None),
    ("mstress, 8 threads (on two processors)", "mstress", ["8"], 4_000_000, None),
    ("as cfrac", "trace", ["factoring"], 10_000_000, None),
    ("as espresso", "trace", ["logic"], 5_000_000, None),
    ("as sh6bench", "trace", ["batches"], 5_000_000, None),
]
OF_MIMALLOC, OF_MIMALLOC_AIM = 1.5, 1.15
PROGRAM_MEDIAN, PROGRAM_MOST = 0.97, 1.03
MEMORY_MEDIAN, MEMORY_MOST = 1.05, 1.2
FILES = os.path.abspath("tests/bench/programs")


def library(pattern):
    done = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True)
    found = [line.split()[-1] for line in done.stdout.splitlines() if line.strip().startswith(pattern)]
    return found[0] if found else None


def contenders(build):
    shim = os.path.join(build, "libration.so")
    all_of_them = [(GLIBC, None, ""), (PAGE, shim, "heap=page"), (HARD, shim, "heap=page,harden=1"),
                   (SYSTEM, shim, "heap=system"), (MIMALLOC, library("libmimalloc.so.2"), ""),
                   ("jemalloc", library("libjemalloc.so.2"), ""), ("tcmalloc", library("libtcmalloc_minimal.so.4"), "")]
    return [contender for contender in all_of_them if contender[1] or contender[0] == GLIBC]


def environment(contender, more=()):
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("LD_", "MALLOC_", "RATION_", "GLIBC_", "PYTHONMALLOC"))}
    kept.update(more)
    if contender[1]:
        kept["LD_PRELOAD"] = contender[1]
    if contender[2]:
        kept["RATION_OPTIONS"] = contender[2]
    return kept


def in_turn(rounds, who, once):
    """[(name, values)]: one value a round, each round another one begins."""
    taken = {contender[0]: [] for contender in who}
    for turn in range(rounds):
        first = turn % len(who)
        for contender in who[first:] + who[:first]:
            taken[contender[0]].append(once(contender))
    return taken


def ratio(taken, name, base=GLIBC):
    return statistics.median(a / b for a, b in zip(taken[name], taken[base])) if name in taken else None


def small(build, workload, scale):
    _, program, arguments, count, _ = workload
    command = [os.path.join(build, "bench", program), str(max(1000, int(count * scale))), *arguments]

    def once(contender):
        done = subprocess.run(command, env=environment(contender), capture_output=True, text=True, check=True)
        return float(done.stdout.split()[0])
    return once


# ---- real programs -----------------------------------------------------------------------------------------


def said_by_gcc(option):
    return subprocess.run(["gcc", option], capture_output=True, text=True, check=True).stdout.strip()


def compiler(language, source):
    """gcc's own process: cc1, cc1plus."""
    found = said_by_gcc(f"-print-prog-name={language}")
    return [found, "-quiet", "-O2", "-g", "-imultiarch", said_by_gcc("-print-multiarch"), "-D_GNU_SOURCE", "-Iinclude",
            "-Isrc", "-DRATION_DEBUG_FULL=0", source, "-o", "/dev/null"] if os.path.exists(found) else None


def programs(folder):
    """(title, command, environment)"""
    data = os.path.join(folder, "data")
    listed = [
        ("sqlite3", ["sqlite3", ":memory:", f".read {FILES}/table.sql"], {}),
        ("python3", ["/usr/bin/python3", f"{FILES}/objects.py"], {}),
        ("python3, malloc alone", ["/usr/bin/python3", f"{FILES}/objects.py"], {"PYTHONMALLOC": "malloc"}),
        ("perl", ["perl", f"{FILES}/words.pl"], {}),
        ("cc1", compiler("cc1", "src/track/resize.c"), {}),
        ("cc1plus", compiler("cc1plus", f"{FILES}/compiled.cc"), {}),
        ("git log", ["git", "-C", os.path.dirname(FILES), "log", "-p", "--stat", "-n", "300"], {}),
        ("git gc", ["sh", "-c", f"rm -rf {folder}/gc && cp -r {folder}/bare {folder}/gc && "
                    f"exec git -C {folder}/gc gc --quiet --aggressive"], {}),
        ("node", ["node", "-e", "let a=[];for(let i=0;i<6e5;i++)a.push({i,s:'x'+i});"
                  "console.log(JSON.stringify(a).length)"], {}),
        ("xz", ["xz", "-3", "-c", data], {}),
        ("zstd", ["zstd", "-12", "-q", "-c", data], {}),
        ("jq", ["jq", ".", f"{folder}/data.json"], {}),
    ]
    return [entry for entry in listed if entry[1] and shutil.which(entry[1][0])]


def prepare(folder):
    with open(os.path.join(folder, "data"), "wb") as file:
        for number in range(300_000):
            file.write(b"%d the quick brown fox %x\n" % (number, number * 2654435761 % 2**32))
    with open(os.path.join(folder, "data.json"), "w", encoding="ascii") as file:
        file.write("[" + ",".join(f'{{"id":{i},"name":"n{i}","tags":["a{i % 7}","b"]}}' for i in range(60_000)) + "]")
    subprocess.run(["git", "clone", "-q", "--bare", "--no-hardlinks", ".", os.path.join(folder, "bare")], check=True)


def real(command, more):
    """(CPU seconds, peak KiB)"""
    def once(contender):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with tempfile.NamedTemporaryFile() as peak:
            # GNU time's own process is small; the peak is the largest of the command's
            subprocess.run(["/usr/bin/time", "-f", "%M", "-o", peak.name, "env",
                            *(f"{name}={value}" for name, value in environment(contender, more).items()
                              if name in ("LD_PRELOAD", "RATION_OPTIONS", *more)), *command],
                           env=environment((GLIBC, None, "")), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=True)
            kib = float(peak.read().split()[-1])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, kib)
    return once


# ---- all ---------------------------------------------------------------------------------------------------


def measure(build, rounds, scale, note):
    """(rows of small programs, rows of real ones): (title, limit, values by contender)."""
    who = contenders(build)
    loops, commands = [], []
    for workload in WORKLOADS:
        note(workload[0])
        loops.append((workload[0], workload[4], in_turn(rounds, who, small(build, workload, scale))))
    with tempfile.TemporaryDirectory(prefix="ration-bench-") as folder:
        prepare(folder)
        for title, command, more in programs(folder):
            note(title)
            taken = in_turn(rounds, who, real(command, more))
            commands.append((title, {name: [value[0] for value in values] for name, values in taken.items()},
                             {name: [value[1] for value in values] for name, values in taken.items()}))
    return loops, commands


def row(title, taken, unit):
    return [title, f"{statistics.median(taken[GLIBC]):.2f} {unit}",
            *(f"{ratio(taken, name):.2f}" for name in taken if name != GLIBC)]


def tables(results):
    loops, commands = results
    head = list(loops[0][2])
    return [
        [["the page heap", *head], *(row(title, taken, "ns") for title, _, taken in loops)],
        [["the page heap, CPU time of", *head], *(row(title, times, "s") for title, times, _ in commands)],
        [["the page heap, peak memory of", *head], *(row(title, peaks, "KiB") for title, _, peaks in commands)],
    ]


def targets(results):
    """(words, measured, limit, unit), as scripts/bench has them."""
    loops, commands = results
    listed = [(f"page heap: {title}", ratio(taken, PAGE), limit, "of glibc") for title, limit, taken in loops if limit]
    listed += [(f"page heap: {title}, of mimalloc's", ratio(taken, PAGE, MIMALLOC), OF_MIMALLOC, "of its time")
               for title, _, taken in loops if MIMALLOC in taken]
    times = [ratio(taken, PAGE) for _, taken, _ in commands]
    peaks = [ratio(taken, PAGE) for _, _, taken in commands]
    return listed + [
        ("page heap: real programs, median", statistics.median(times), PROGRAM_MEDIAN, "of glibc"),
        ("page heap: real programs, slowest", max(times), PROGRAM_MOST, "of glibc"),
        ("page heap: real programs, peak memory, median", statistics.median(peaks), MEMORY_MEDIAN, "of glibc"),
        ("page heap: real programs, peak memory, largest", max(peaks), MEMORY_MOST, "of glibc"),
    ]
