#!/usr/bin/python3
"""junit_results: what came of each test of a JUnit XML file: lines of `ok NAME`, `failed NAME` or `skipped NAME`.

    junit_results.py FILE
"""
import sys
import xml.etree.ElementTree

for case in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
    kinds = {child.tag for child in case}
    word = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "ok"
    print(word, case.get("name"))
