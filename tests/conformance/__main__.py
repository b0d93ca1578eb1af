"""Print which engine keeps which rule, as a table of Markdown, from a run of the rules.

`--docker` also asks the Docker engine of this machine, and `--swarm` a swarm that is started here.
The output of pytest goes to stderr.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from defusedxml import ElementTree

from tests.conformance.rules import RULES

KEPT, BROKEN, NOT_ASKED = "✓", "✗", "–"
ENGINES = ("fake", "local", "docker", "swarm", "kubernetes")
TESTS = Path(__file__).with_name("test_engines.py")


def main(arguments: Sequence[str]) -> int:
    left_out = [mark for mark in ("docker", "swarm") if f"--{mark}" not in arguments]
    marks = " and ".join(f"not {mark}" for mark in left_out)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-m", marks, f"--junitxml={report}", "-o", "junit_family=xunit1"]
        command = [sys.executable, "-m", "pytest", *options, str(TESTS)]
        # An import above has named the platform's own settings already.
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
        code = subprocess.run(command, env=env, stdout=sys.stderr, check=False).returncode
        lines = table(list(read_cells(report)))
    sys.stdout.write("\n".join(lines) + "\n")
    return code


def read_cells(report: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield engine, rule, cell and note of each test in a report of JUnit's format."""
    for case in ElementTree.parse(report).iter("testcase"):
        # test_engine_keeps_the_rule[engine-rule]
        engine, _, name = case.attrib["name"].partition("[")[2].rstrip("]").partition("-")
        note = next((each.attrib["value"] for each in case.iter("property")), "")
        is_broken = case.find("failure") is not None or case.find("error") is not None
        yield engine, name, BROKEN if is_broken else NOT_ASKED if note else KEPT, note


def table(cells: Sequence[tuple[str, str, str, str]]) -> list[str]:
    found = {(engine, name): cell for engine, name, cell, _ in cells}
    engines = [each for each in ENGINES if each in {cell[0] for cell in cells}]
    lines = [f"| rule | {' | '.join(engines)} |", f"|---|{':-:|' * len(engines)}"]
    for rule in RULES.values():
        row = [found.get((engine, rule.name), "") for engine in engines]
        lines.append(f"| {rule.sentence} | {' | '.join(row)} |")
    notes = sorted({f"{NOT_ASKED} {engine}: {note}." for engine, _, _, note in cells if note})
    return [*lines, "", *notes] if notes else lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
