"""docs/engines.md has every rule, and says that every engine keeps it."""

from takehome_platform.local_stack.config import ROOT
from tests.conformance.__main__ import KEPT, NOT_ASKED
from tests.conformance.rules import RULES
from tests.conformance.test_engines import ADAPTERS

PAGE = (ROOT / "docs/engines.md").read_text()


def test_page_has_the_table_of_the_last_run() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]
    [_, *engines], *kept = rows
    assert engines == [make.__name__ for make in ADAPTERS]
    assert [sentence for sentence, *_ in kept] == [rule.sentence for rule in RULES.values()]
    for sentence, *cells in kept:
        assert len(cells) == len(engines) and {*cells} <= {KEPT, NOT_ASKED}, sentence
