"""A process dies, or stands still, at each step of what happens when a machine is lost.

There is never a second workspace for a candidate to work in, and no file is lost.
"""

import pytest

from tests.faults.kills.scenarios.machines import SCENARIOS
from tests.faults.kills.scenarios.scenario import Scenario
from tests.faults.kills.test_in_process import (
    check_end,
    check_standing_still,
    die,
    each_effect,
    world,
)
from tests.faults.kills.world import InProcess

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["world"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_process_killed_before_any_effect_loses_and_doubles_nothing(
    world: InProcess, scenario: Scenario
) -> None:
    for case, effect in each_effect(world, scenario, die):
        check_end(world, scenario, case, effect)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_process_that_stood_still_before_any_effect_loses_and_doubles_nothing(
    world: InProcess, scenario: Scenario
) -> None:
    check_standing_still(world, scenario)
