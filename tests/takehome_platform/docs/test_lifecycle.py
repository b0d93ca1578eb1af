"""docs/lifecycle.md draws the state machine, every transition of it and no other."""

import re

from interviews.lifecycle import FINAL, TRANSITIONS
from takehome_platform.docs import lifecycle as lifecycle_docs

ARROW = re.compile(r"^ +(\S+) --> (\S+): .+$", re.MULTILINE)


def test_page_in_docs_is_up_to_date() -> None:
    assert lifecycle_docs.PAGE.read_text() == lifecycle_docs.render_page(), (
        "docs/lifecycle.md is not what the state machine says: run make docs"
    )


def test_arrows_are_the_transitions() -> None:
    arrows = ARROW.findall(lifecycle_docs.PAGE.read_text())
    between = {(old, new) for old, new in arrows if "[*]" not in (old, new)}
    assert between == {(old, new) for old, after in TRANSITIONS.items() for new in after}
    assert {old for old, new in arrows if new == "[*]"} == FINAL
    assert len(arrows) == len(set(arrows))


def test_every_cause_is_that_of_a_transition() -> None:
    assert {(old, new) for old, after in TRANSITIONS.items() for new in after} == set(
        lifecycle_docs.CAUSES
    )
