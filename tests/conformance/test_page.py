"""docs/engines.md has every rule, and what every engine keeps and isolates."""

from typing import Any

from operations.provisioners import isolation_of
from operations.provisioners.base import Isolation
from takehome_platform.local_stack.config import ROOT
from tests.conformance.__main__ import KEPT, NOT_ASKED
from tests.conformance.rules import RULES
from tests.conformance.test_engines import ADAPTERS

PAGE = (ROOT / "docs/engines.md").read_text()


def rows_of(title: str) -> list[list[str]]:
    """The cells of a section's table, line by line, without the one below its head."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_page_has_the_table_of_the_last_run() -> None:
    [_, *engines], *kept = rows_of("The rules")
    assert engines == [make.__name__ for make in ADAPTERS]
    assert [sentence for sentence, *_ in kept] == [rule.sentence for rule in RULES.values()]
    for sentence, *cells in kept:
        assert len(cells) == len(engines) and {*cells} <= {KEPT, NOT_ASKED}, sentence


def test_page_says_what_each_engine_isolates(settings: Any) -> None:
    # Of a cluster, what one isolates whose network enforces policies.
    settings.KUBERNETES_ENFORCES_POLICIES = "true"
    [_, *engines], *kinds = rows_of("What engines isolate")
    assert [row[0].split("`")[1] for row in kinds] == [each.value for each in Isolation]
    for engine, *cells in zip(engines, *[row[1:] for row in kinds], strict=True):
        isolated = {kind for kind, cell in zip(Isolation, cells, strict=True) if cell == KEPT}
        assert isolated == isolation_of(engine), engine
