"""What it takes to look: `top`, `serve` and the web page, each beside programs that are tracked: part of scripts/bench.

    scripts/bench_look.py [--quick] [BUILD...]

By itself it compares builds, which take turns; each needs `make all web benches`.
"""

import fcntl
import glob
import os
import pty
import re
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import urllib.request

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(ROOT, "tests", "system"))
import browse  # noqa: E402

PROCESSES, CATEGORIES = 500, 20
OLD = 160                        # seconds: from half of five minutes on there is growth to tell
GAP = 1.0                        # seconds between scrapes
BIG = (1_000, 100, 999_999)      # threads, categories, microseconds between bursts
LOOK_FOR = 12                    # seconds
RECORDED = (20, 100, 50_000)     # the same of what is recorded
VIEWS = ("flame", "timeline", "sites", "summary")
SCREEN = (50, 200)
FOR_EVER = 10**12


def cpu_seconds(*pids):
    taken = 0
    for pid in pids:
        for thread in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            try:
                with open(thread, encoding="ascii") as file:
                    taken += int(file.read().split()[0])
            except OSError:
                continue  # it has just ended
    return taken / 1e9


def descendants(pid):
    """It, and all that it has started."""
    parents = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                parents[int(path.split("/")[2])] = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


class Fleet:
    """So many programs, tracked, with a folder of their own for the segments."""

    def __init__(self, build, count, arguments):
        self.folder = tempfile.mkdtemp(prefix="ration-bench.", dir="/dev/shm")
        self.environment = dict(os.environ, RATION_DIR=self.folder, RATION_OPTIONS="")
        tracked = dict(self.environment, LD_PRELOAD=os.path.join(build, "libration.so"))
        command = [os.path.join(build, "bench", "spread"), *map(str, arguments)]
        self.programs = [subprocess.Popen(command, env=tracked, stdout=subprocess.DEVNULL) for _ in range(count)]
        while len(os.listdir(self.folder)) < count:
            time.sleep(0.1)
        self.began = time.monotonic()

    def check(self, text):
        """All of them have been scraped; there may be others."""
        scraped = set(re.findall(r'^ration_process_threads\{pid="(\d+)"', text, re.MULTILINE))
        missing = [program.pid for program in self.programs if str(program.pid) not in scraped]
        if missing:
            raise SystemExit(f"ration: bench: a scrape without {len(missing)} of {len(self.programs)} processes")

    def grow_old(self):
        time.sleep(max(0.0, self.began + OLD - time.monotonic()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.kill()
        for program in self.programs:
            program.wait()
        shutil.rmtree(self.folder)


class Server:
    def __init__(self, build, environment):
        self.process = subprocess.Popen([os.path.join(build, "ration"), "serve", "--listen", "127.0.0.1:0"], env=environment,
                                        stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def scrape(self):
        """(seconds, CPU seconds, text)."""
        before, began = cpu_seconds(self.process.pid), time.monotonic()
        with urllib.request.urlopen(f"{self.url}metrics") as answer:
            text = answer.read()
        elapsed = time.monotonic() - began
        return elapsed, cpu_seconds(self.process.pid) - before, text.decode()

    def end(self):
        self.process.terminate()
        self.process.wait()


def scrapes(builds, fleet, rounds):
    """{build: [(seconds, CPU seconds)]}, taking turns; the first of each is not counted."""
    servers = {build: Server(build, fleet.environment) for build in builds}
    taken = {build: [] for build in builds}
    for turn in range(rounds + 1):
        for build, server in servers.items():
            time.sleep(GAP / len(builds))
            elapsed, cpu, text = server.scrape()
            fleet.check(text)
            if turn > 0:
                taken[build].append((elapsed, cpu))
    for server in servers.values():
        server.end()
    return taken


def serve_share(build, fleet):
    """Percent of a core that a server takes that is asked once a second."""
    server = Server(build, fleet.environment)
    server.scrape()
    before, began = cpu_seconds(server.process.pid), time.monotonic()
    for second in range(LOOK_FOR):
        time.sleep(max(0.0, began + second + 1 - time.monotonic()))
        server.scrape()
    share = 100 * (cpu_seconds(server.process.pid) - before) / (time.monotonic() - began)
    server.end()
    return share


def top_share(build, fleet):
    """Percent of a core that `top` takes on a large screen."""
    pid, screen = pty.fork()
    if pid == 0:
        os.execve(os.path.join(build, "ration"), ["ration", "top", str(fleet.programs[0].pid)],
                  dict(fleet.environment, TERM="xterm-256color", LC_ALL="C.UTF-8"))
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", *SCREEN, 0, 0))
    threading.Thread(target=drain, args=(screen,), daemon=True).start()
    time.sleep(3)
    before, began = cpu_seconds(pid), time.monotonic()
    time.sleep(LOOK_FOR)
    share = 100 * (cpu_seconds(pid) - before) / (time.monotonic() - began)
    os.write(screen, b"q")
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise SystemExit("ration: bench: top has failed")
    return share


def drain(screen):
    try:
        while os.read(screen, 1 << 16):
            pass
    except OSError:
        pass  # top has ended


class Recording:
    """Of a program that runs so many seconds, beside what else is measured."""

    def __init__(self, build, scratch, seconds):
        threads, _, pause = RECORDED
        self.path = os.path.join(scratch, "look.ration")
        blocks = seconds * threads * 20 * 1_000_000 // pause
        self.recorder = subprocess.Popen([os.path.join(build, "ration"), "record", "-q", "-o", self.path, "--",
                                          os.path.join(build, "bench", "spread"), str(blocks), *map(str, RECORDED)],
                                         stdout=subprocess.DEVNULL)

    def end(self):
        if self.recorder.wait():
            raise SystemExit("ration: bench: record has failed")


def open_page(build, recording, scratch):
    """(seconds until it is drawn, CPU seconds of the browser for that, the slowest change of view in seconds, MiB)."""
    page = os.path.join(scratch, "look.html")
    subprocess.run([os.path.join(build, "ration"), "report", "--html", page, recording], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        browser = browse.Browser(folder)
        browse.do_size(browser, "1360 900")
        pids = descendants(browser.process.pid)
        before, began = cpu_seconds(*pids), time.monotonic()
        browse.do_load(browser, f"file://{page}")
        browse.do_until(browser, "document.querySelector('#categories tbody tr')")
        browser.value("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(() => 1)")
        elapsed = time.monotonic() - began
        cpu = cpu_seconds(*descendants(browser.process.pid)) - before
        changes = browser.value(
            f"""(async () => {{ const taken = [];
              for (const view of {list(VIEWS)}) {{ const began = performance.now(); document.getElementById(`tab-${{view}}`).click();
                await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
                taken.push((performance.now() - began) / 1e3); }} return taken; }})()""")
        browser.end()
    return elapsed, cpu, max(changes), os.path.getsize(page) / 2**20


def compare(builds, quick, scratch, note):
    """{what: {build: [figure]}}: medians are the caller's."""
    rounds, taken = 3 if quick else 15, {}
    recording = Recording(builds[0], scratch, 60 if quick else 600)
    note("top")
    with Fleet(builds[0], 1, (FOR_EVER, *BIG)) as fleet:
        for _ in range(1 if quick else 5):
            for build in builds:
                taken.setdefault("top", {}).setdefault(build, []).append(top_share(build, fleet))
                taken.setdefault("serve", {}).setdefault(build, []).append(serve_share(build, fleet))
    note("scrapes")
    with Fleet(builds[0], PROCESSES, (FOR_EVER, 1, CATEGORIES, BIG[2])) as fleet:
        if not quick:
            fleet.grow_old()
        for build, pairs in scrapes(builds, fleet, rounds).items():
            taken.setdefault("scrape", {})[build] = [1e3 * elapsed for elapsed, _ in pairs]
            taken.setdefault("scrape, CPU", {})[build] = [1e3 * cpu for _, cpu in pairs]
    note("a recording")
    recording.end()
    for _ in range(rounds if browser_is_there() else 0):
        for build in builds:
            figures = open_page(build, recording.path, scratch)
            for what, figure in zip(("page", "page, CPU", "view", "MiB"), figures):
                taken.setdefault(what, {}).setdefault(build, []).append(figure)
    return taken


def browser_is_there():
    return any(map(shutil.which, browse.BROWSERS))


ROWS = [
    ("top", "top, 100 categories and 1,000 threads, once a second", 1, "% of a core"),
    ("serve", "serve, the same", 1, "% of a core"),
    ("scrape", f"a scrape of {PROCESSES} processes with {CATEGORIES} categories", 200, "ms"),
    ("scrape, CPU", "the same, CPU time", 200, "ms"),
    ("page", "the page of a ten-minute recording opens", 2, "s"),
    ("page, CPU", "the same, CPU time of the browser", 2, "s"),
    ("view", "its slowest change of view", 0.2, "s"),
    ("MiB", "its size", 34, "MiB"),
]


def measure(build, quick, scratch, note):
    """{what: median}"""
    return {what: statistics.median(figures[build]) for what, figures in compare([build], quick, scratch, note).items()}


def targets(taken):
    """(words, measured, limit, unit), as scripts/bench has them."""
    return [(words, taken.get(what), limit, unit) for what, words, limit, unit in ROWS if what != "MiB"]


def main():
    arguments = sys.argv[1:]
    quick = "--quick" in arguments
    builds = [os.path.abspath(one) for one in arguments if one != "--quick"] or [os.path.join(ROOT, "build")]
    with tempfile.TemporaryDirectory() as scratch:
        taken = compare(builds, quick, scratch, lambda words: print(f"... {words}", file=sys.stderr, flush=True))
    for what, words, limit, unit in ROWS:
        figures = ["not measured" if what not in taken else f"{statistics.median(taken[what][build]):.3f}" for build in builds]
        print(f"{words:60}", *(f"{figure:>12}" for figure in figures), f" {unit}")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
