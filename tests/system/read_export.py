#!/usr/bin/python3
"""read_export: what an export says of each category, read by the reader of its format, a line `CATEGORY FIGURE VALUE`.

  read_export.py json|csv|openmetrics|pprof|folded|speedscope FILE

Of pprof FILE is what `pprof -raw` has printed. Stacks are summed up by their category. What is wrong with a file ends in an
exception: a test of the format as such, as far as its reader is strict.
"""
import collections
import csv
import json
import re
import sys

FIGURES = ("live_bytes", "live_blocks", "peak_bytes", "allocations", "frees", "refused")


def read_json(path):
    report = json.load(open(path, encoding="utf-8"))
    for process in report["processes"]:
        for category in process["categories"]:
            for figure in FIGURES:
                yield category["name"], figure, category[figure]


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        assert all(line.endswith("\r\n") for line in file), "RFC 4180 ends lines with CR LF"
        file.seek(0)
        for row in csv.DictReader(file, strict=True):
            assert None not in row and None not in row.values(), "as many fields as columns"
            for figure in FIGURES:
                yield row["name"], figure, int(row[figure])


def read_openmetrics(path):
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
    names = {f"ration_{figure}{suffix}": figure for figure in FIGURES for suffix in ("", "_total")}
    text = open(path, encoding="utf-8").read()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert {"pid", "program", "session"} <= set(sample.labels), sample
            if sample.name in names:
                yield sample.labels["category"], names[sample.name], int(sample.value)


def read_pprof(path):
    columns = ("allocations", "allocated_bytes", "live_blocks", "live_bytes")
    lines = open(path, encoding="utf-8").read().splitlines()
    heading = "alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes[dflt]"
    at = lines.index(heading) + 1
    while lines[at] != "Locations":
        values = [int(value) for value in lines[at].split(":")[0].split()]
        label = re.fullmatch(r"\s*category:\[(.+)\]", lines[at + 1])
        assert len(values) == 4 and label, lines[at:at + 2]
        for figure, value in zip(columns, values):
            yield label[1], figure, value
        at += 2


def read_folded(path):
    for line in open(path, encoding="utf-8"):
        stack, _, weight = line.rpartition(" ")
        assert stack and int(weight) > 0 and "" not in stack.split(";"), line
        yield stack.split(";")[0], "weight", int(weight)


def read_speedscope(path):
    file = json.load(open(path, encoding="utf-8"))
    assert file["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = file["shared"]["frames"]
    assert all(set(frame) <= {"name", "file", "line"} and frame["name"] for frame in frames)
    assert 0 <= file["activeProfileIndex"] < len(file["profiles"])
    names = {"live bytes": "live_bytes", "allocated bytes": "allocated_bytes", "allocated blocks": "allocations"}
    for profile in file["profiles"]:
        assert set(profile) == {"type", "name", "unit", "startValue", "endValue", "samples", "weights"}
        assert profile["type"] == "sampled" and profile["unit"] in {"bytes", "none"} and profile["startValue"] == 0
        assert len(profile["samples"]) == len(profile["weights"])
        assert profile["endValue"] == sum(profile["weights"]) and all(weight > 0 for weight in profile["weights"])
        for stack, weight in zip(profile["samples"], profile["weights"]):
            assert stack and all(0 <= frame < len(frames) for frame in stack)
            if profile["name"].split(" of ")[0] in names:
                yield frames[stack[0]]["name"], names[profile["name"].split(" of ")[0]], weight


def main():
    readers = {"json": read_json, "csv": read_csv, "openmetrics": read_openmetrics, "pprof": read_pprof,
               "folded": read_folded, "speedscope": read_speedscope}
    sums = collections.Counter()
    for category, figure, value in readers[sys.argv[1]](sys.argv[2]):
        sums[category, figure] += value
    for (category, figure), value in sorted(sums.items()):
        if value:
            print(category, figure, value)


main()
