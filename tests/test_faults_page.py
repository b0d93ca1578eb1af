"""docs/faults.md and the tests named test_fault_NN say the same."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/faults.md").read_text()
ROW = re.compile(r"^\| ([0-9]{2}) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
FUNCTION = re.compile(r"^ *(?:async )?def (test_fault_([0-9]{2})_\w+)\(", re.MULTILINE)


def rows() -> dict[str, set[str]]:
    """The tests of each number, as the page names them."""
    return {
        number: set(re.findall(r"`([^`]+)`", tests)) for number, _, _, tests in ROW.findall(PAGE)
    }


def named_in_the_tree() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for name, number in FUNCTION.findall(path.read_text()):
            found.setdefault(number, set()).add(f"{path.relative_to(ROOT).as_posix()}::{name}")
    return found


def test_every_test_of_a_fault_is_on_the_page_and_every_one_on_the_page_exists() -> None:
    assert rows() == named_in_the_tree()


def test_numbers_are_in_order_without_a_gap() -> None:
    numbers = [number for number, *_ in ROW.findall(PAGE)]
    assert numbers == [f"{number:02d}" for number in range(1, len(numbers) + 1)]
    # Every line of the table is one that was read.
    assert PAGE.count("\n| ") == len(numbers) + 1


def test_contributing_leads_to_the_page() -> None:
    assert "(docs/faults.md)" in (ROOT / "CONTRIBUTING.md").read_text()
