#!/usr/bin/python3
"""killed: kills a program at random moments, and holds what `ration report` says of it to what it held.

    killed.py BUILD PROGRAM COUNT SEED

Each time: nobody who reads hangs; reports are what their schema says; no figure is negative, and no peak below what is live; what
is below a category is part of it; a budget that refuses holds to the byte; what is live is what the program held, but for the
request that each thread was in and the error that the report gives. At every 20th sites are held to it as well, and another look
of `ration report` at what there is. One line a finding.
"""
import collections
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema

SCHEMAS = Path(__file__).resolve().parents[2] / "docs/schema"
CATEGORIES, ROWS, ROW = 8, 6, 152
LEDGER = 16 + (1 + ROWS) * ROW
REFUSES = 1 << 20
PATIENCE = 60  # seconds until a reader is taken to hang; the machine may be busy
LOOKS = ("--sites", "--leaks", "--events", "--threads", "--timeline", "--largest", "--sizes", "--pools")
LOOK_EACH = 20
OPTIONS = f"keep=1,sample=1,held0={REFUSES},held0.policy=refuse"


def names():
    return [f"held{number // 4}/c{number}" for number in range(CATEGORIES)]


def schema_of_report():
    path = SCHEMAS / "report.json"
    store = {other.as_uri(): json.loads(other.read_text()) for other in SCHEMAS.glob("*.json")}
    resolver = jsonschema.RefResolver(path.as_uri(), json.loads(path.read_text()), store)
    return jsonschema.Draft202012Validator(json.loads(path.read_text()), resolver=resolver)


def read_row(bytes_, at):
    words = struct.unpack_from("<19Q", bytes_, at)
    signed = struct.unpack_from("<16q", bytes_, at + 24)
    return {"pid": words[0], "moving": words[1], "moving_bytes": words[2] if words[1] else 0,
            "bytes": signed[:8], "blocks": signed[8:]}


def sum_rows(rows):
    return {"moving": sum(row["moving"] for row in rows), "moving_bytes": sum(row["moving_bytes"] for row in rows),
            "bytes": [sum(column) for column in zip(*(row["bytes"] for row in rows))],
            "blocks": [sum(column) for column in zip(*(row["blocks"] for row in rows))]}


class Kill:
    """One kill, and what came of it."""

    def __init__(self, tools, seed):
        self.tools, self.seed, self.random = tools, seed, random.Random(seed)
        self.folder = Path(tempfile.mkdtemp())
        self.findings, self.counts = [], collections.Counter()
        self.environment = dict(os.environ, RATION_DIR=str(self.folder))

    def find(self, words):
        self.findings.append(f"seed {self.seed}: {words}")

    def report(self, *arguments):
        """The report; None, where it says why there is none."""
        try:
            done = subprocess.run([self.tools["ration"], "report", "--json", *map(str, arguments)], env=self.environment,
                                  capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            self.find(f"{arguments}: hangs")
            return None
        if done.returncode not in (0, 3):
            self.find(f"{arguments}: status {done.returncode}: {done.stderr.decode()[:300]}")
        if done.returncode != 0:
            self.counts["said why not"] += 1
            return None
        return json.loads(done.stdout)

    def run(self):
        ledger = self.folder / "ledger"
        ledger.write_bytes(bytes(LEDGER))
        heap = self.random.choice(("system", "page"))
        environment = dict(self.environment, RATION_OPTIONS=f"{OPTIONS},heap={heap}")
        moment = self.random.choice((0.002, 0.02, 0.1)) * self.random.random() * 2
        program = subprocess.Popen([self.tools["program"], ledger, str(self.seed)], env=environment)
        reader = None
        time.sleep(moment)
        if self.seed % 4 == 0:
            reader = subprocess.Popen([self.tools["ration"], "report", "--json", str(program.pid)], env=self.environment,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(self.random.random() * 0.01)
        program.kill()
        program.wait()
        if reader:
            self.wait_for(reader)
        self.wait_for_child(ledger)
        self.check_all(ledger.read_bytes())
        shutil.rmtree(self.folder)
        return self

    def wait_for(self, reader):
        self.counts["read meanwhile"] += 1
        try:
            if reader.wait(timeout=PATIENCE) not in (0, 3):
                self.find(f"a reader of the process that was killed: status {reader.returncode}")
        except subprocess.TimeoutExpired:
            reader.kill()
            self.find("a reader of the process that was killed hangs")

    def wait_for_child(self, ledger):
        """It dies with its parent, a moment later."""
        pid = read_row(ledger.read_bytes(), 16)["pid"]
        for _ in range(PATIENCE * 100):
            try:
                state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] if pid else "Z"
            except (FileNotFoundError, ProcessLookupError):
                return
            if state == "Z":
                return
            time.sleep(0.01)

    def check_all(self, ledger):
        pid = struct.unpack_from("<Q", ledger)[0]
        child = read_row(ledger, 16)
        held = sum_rows([read_row(ledger, 16 + ROW + ROW * row) for row in range(ROWS)])
        for path in sorted(self.folder.glob("ration.*")):
            report = self.report(path)
            if report is None:
                if pid and f".{pid}." in path.name:
                    self.find(f"{path.name}: cannot be read")
                continue
            self.counts["books"] += 1
            process = report["processes"][0]
            self.check_schema(report, path)
            self.check_figures(process, path, pid)
            if process["pid"] == pid:
                self.check_held(process, held)
            elif process["pid"] == child["pid"]:
                self.check_child(process, child)
            if self.seed % LOOK_EACH == 0:
                self.check_looks(path, held if process["pid"] == pid else None)

    def check_schema(self, report, path):
        error = jsonschema.exceptions.best_match(self.tools["schema"].iter_errors(report))
        if error:
            self.find(f"{path.name}: {error.json_path}: {error.message[:200]}")

    def check_figures(self, process, path, pid):
        doubt = process["error_bound_bytes"]
        if doubt:
            self.counts["in doubt"] += 1
        for row in process["categories"] + [process["total"]]:
            for prefix in ("", "subtree_"):
                live, blocks = row[prefix + "live_bytes"], row[prefix + "live_blocks"]
                if blocks != row[prefix + "allocations"] - row[prefix + "frees"] or min(live, blocks) < 0:
                    self.find(f"{path.name}: {row['name']}: {prefix}blocks {blocks}, bytes {live}")
                if row[prefix + "peak_bytes"] < live or live > 1 << 40:
                    self.find(f"{path.name}: {row['name']}: {prefix}peak {row[prefix + 'peak_bytes']}, live {live}")
            if row["subtree_live_blocks"] < row["live_blocks"] or row["subtree_allocations"] < row["allocations"]:
                self.find(f"{path.name}: {row['name']}: more in it than below it")
        for field in ("live_bytes", "live_blocks", "allocations", "frees", "allocated_bytes"):
            below = sum(row[field] for row in process["categories"] if row["name"] != "total")
            if below > process["total"][field]:
                self.find(f"{path.name}: {field}: the sum is more than the total")
        for budget in process["budgets"]:
            inherited = process["inherited_error_bytes"]  # what a child has is there, whatever its budgets
            if budget["policy"] == "refuse" and budget["used_bytes"] > budget["limit_bytes"] + inherited:
                self.find(f"{path.name} of {pid}: {budget['category']}: {budget['used_bytes']} used of "
                          f"{budget['limit_bytes']}, {inherited} inherited")

    def check_held(self, process, held):
        doubt = process["error_bound_bytes"] + held["moving_bytes"]
        rows = {row["name"]: row for row in process["categories"]}
        self.counts["held"] += 1
        for number, name in enumerate(names()):
            row = rows.get(name, {"live_bytes": 0, "live_blocks": 0})
            if abs(row["live_bytes"] - held["bytes"][number]) > doubt:
                self.find(f"{name}: {row['live_bytes']} bytes, {held['bytes'][number]} held, {doubt} in doubt")
            if abs(row["live_blocks"] - held["blocks"][number]) > held["moving"]:
                self.find(f"{name}: {row['live_blocks']} blocks, {held['blocks'][number]} held, {held['moving']} moving")

    def check_child(self, process, child):
        for row in process["categories"]:
            if row["name"] == "child":
                self.counts["held by a child"] += 1
                doubt = process["error_bound_bytes"] + child["moving_bytes"]
                if abs(row["live_bytes"] - sum(child["bytes"])) > doubt:
                    self.find(f"child: {row['live_bytes']} bytes, {sum(child['bytes'])} held, {doubt} in doubt")
                if abs(row["live_blocks"] - sum(child["blocks"])) > child["moving"]:
                    self.find(f"child: {row['live_blocks']} blocks, {sum(child['blocks'])} held")

    def check_looks(self, path, held):
        """Every block is a sample, so what sites say is what categories hold."""
        report = self.report(self.random.choice(LOOKS), path)
        if report is not None:
            self.counts["looks"] += 1
            self.check_schema(report, path)
        sites = self.report("--sites", "--raw", "--most=0", path)
        if held is None or sites is None:
            return
        process = sites["processes"][0]
        lost = process["losses"]["samples_lost"]
        for number, name in enumerate(names()):
            live = sum(site["live_bytes"] for site in process["sites"] if site["category"] == name)
            if not lost and abs(live - held["bytes"][number]) > held["moving_bytes"]:
                self.find(f"{name}: sites have {live} bytes, {held['bytes'][number]} held, {held['moving_bytes']} in doubt")


def main():
    build, program, count, seed = sys.argv[1:]
    tools = {"ration": f"{build}/ration", "program": program, "schema": schema_of_report()}
    counts, findings = collections.Counter(), []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for kill in pool.map(lambda number: Kill(tools, int(seed) + number).run(), range(int(count))):
            counts += kill.counts
            findings += kill.findings
    print("# " + ", ".join(f"{name} {number}" for name, number in sorted(counts.items())))
    print(*findings[:40], sep="\n", end="\n" if findings else "")
    sys.exit(1 if findings else 0)


main()
