"""A process dies, or a table refuses a write, at each step of what happens in line.

No place is lost with it, and none is given twice: what goes on has the limit as well.
"""

import pytest

from operations.admission.models import Admission
from tests.faults.kills.scenarios.admission import SCENARIOS, limited
from tests.faults.kills.scenarios.scenario import Scenario
from tests.faults.kills.test_in_process import check_end, die, each_effect, world
from tests.faults.kills.world import InProcess

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["world"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_process_killed_before_any_effect_leaks_no_place(
    world: InProcess, scenario: Scenario
) -> None:
    for case, effect in each_effect(world, scenario, die):
        with limited():
            check_end(world, scenario, case, effect)
        Admission.objects.all().delete()
