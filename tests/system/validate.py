#!/usr/bin/python3
"""validate: holds JSON to the schemas of docs/schema. One line a finding; status 1 if any.

  validate.py NAME FILE...            each must be what NAME.json says; NAME is a subcommand, or one with an option
  validate.py --strict NAME FILE...   and of each object no field may be missing, nor another one be there, but those that
                                      are named in OPTIONAL: taken away and added one by one, each must be refused
  validate.py --cases NAME FILE CASES each case of that name in CASES, done to FILE, must be refused
"""
import copy
import json
import sys
from pathlib import Path

import jsonschema

SCHEMAS = Path(__file__).resolve().parents[2] / "docs/schema"

# Fields that are there only where there is something to say; and objects whose keys are names of categories.
OPTIONAL = {"memory", "remark", "rest", "largest_before"}
OPEN = ("timeline", "*", "categories")


def validator(name):
    path = SCHEMAS / f"{name.split()[0]}.json"
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    store = {other.as_uri(): json.loads(other.read_text()) for other in SCHEMAS.glob("*.json")}
    resolver = jsonschema.RefResolver(path.as_uri(), schema, store)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def read(path):
    return json.loads(Path(path).read_text())


def findings(check, document, path):
    for error in check.iter_errors(document):
        best = jsonschema.exceptions.best_match([error])
        place = "/".join(str(part) for part in best.absolute_path)
        yield f"{path}: {place}: {best.message[:300]}"


def shrunk(value):
    """Of each list the first of each shape alone: there is nothing to learn from the others."""
    if isinstance(value, dict):
        return {key: shrunk(inner) for key, inner in value.items()}
    if isinstance(value, list):
        shapes = {}
        for inner in map(shrunk, value):
            shapes.setdefault((inner.get("kind"), *sorted(inner)) if isinstance(inner, dict) else "", inner)
        return list(shapes.values())
    return value


def objects(value, place=()):
    """(place, object) of each object."""
    if isinstance(value, dict):
        yield place, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from objects(inner, (*place, key))


def is_open(place):
    return len(place) >= 3 and (place[-3], place[-1]) == (OPEN[0], OPEN[2])


def strict(check, document, path):
    assert check.is_valid(document)
    for place, value in list(objects(document)):
        if is_open(place):
            continue
        for key in list(value):
            kept = value.pop(key)
            if key not in OPTIONAL and check.is_valid(document):
                yield f"{path}: {'/'.join(map(str, place))}: may lack {key}"
            value[key] = kept
        value["no_such_field"] = 1
        if check.is_valid(document):
            yield f"{path}: {'/'.join(map(str, place))}: may have any field"
        del value["no_such_field"]


def spoil(document, case):
    """The document with one thing made wrong: `at` is a place, and what stands there becomes `is`; with a dash before its last
    part, it is taken away."""
    changed = copy.deepcopy(document)
    *way, last = case["at"].split("/")
    at = changed
    for part in way:
        at = at[int(part)] if isinstance(at, list) else at[part]
    if last.startswith("-"):
        del at[last[1:]]
    elif isinstance(at, list):
        at[int(last)] = case["is"]
    else:
        at[last] = case["is"]
    return changed


def cases(check, name, path, listed):
    document, count = read(path), 0
    yield from findings(check, document, path)
    for case in read(listed):
        if case["of"] != name:
            continue
        count += 1
        if check.is_valid(spoil(document, case)):
            yield f"{listed}: {name}: {case['why']}: is not refused"
    if count == 0:
        yield f"{listed}: no case of {name}"


def main():
    flags = [word for word in sys.argv[1:] if word.startswith("--")]
    name, *files = [word for word in sys.argv[1:] if not word.startswith("--")]
    check, found = validator(name), []
    if "--cases" in flags:
        found += cases(check, name, files[0], files[1])
    else:
        for path in files:
            document = read(path)
            found += findings(check, document, path)
            if "--strict" in flags and not found:
                found += strict(check, shrunk(document), path)
    print(*found, sep="\n", end="\n" if found else "")
    sys.exit(1 if found else 0)


main()
