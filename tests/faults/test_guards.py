"""Each guard is where its list says, once, and the test that notices its absence is there."""

import re

import pytest

from tests.faults.guards import GUARDS
from tests.faults.guards.__main__ import ROOT
from tests.faults.guards.guard import Guard


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_guard_is_in_the_code_once_and_has_a_test(guard: Guard) -> None:
    assert (ROOT / guard.path).read_text().count(guard.code) == 1
    path, _, name = guard.noticed_by.partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(), re.MULTILINE)


def test_guards_have_names_of_their_own() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
