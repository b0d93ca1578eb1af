"""The checks on a state that was kept while the candidate worked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils.timezone import now

from dashboard.permissions.roles import REVIEWER
from interviews.models import Interview
from operations.checks import actions, executor, queue
from operations.checks.models import CheckRun, RunReason, RunState
from operations.checks.summary import summaries
from operations.exceptions import InvalidInputError
from operations.progress.models import ProgressState
from operations.webhooks.models import Delivery
from tests.checking import FakeRunner, save_checks, submit
from tests.conftest import member
from tests.dashboard.html import soup, text_of
from tests.dashboard.webhooks import make_webhook
from tests.operations.progress.conftest import folder_engine, keep_now, watched, workspace

__all__ = ["folder_engine", "watched", "workspace"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def take_home(challenge, invite: Callable[..., Interview]) -> Interview:
    save_checks()
    return invite()


@pytest.fixture
def kept(watched: Interview, workspace: Path, check_runner: FakeRunner) -> Interview:
    """An interview of which a state was kept, with another submission."""
    (workspace / "count.py").write_bytes(b"kept")
    (workspace / "new.py").write_bytes(b"new")
    keep_now(watched)
    return submit(watched, {"count.py": b"submitted"})


def run_next() -> CheckRun:
    run = queue.acquire_run()
    assert run is not None
    executor.run_checks(run)
    run.refresh_from_db()
    return run


def test_a_kept_state_is_checked(kept: Interview, check_runner: FakeRunner) -> None:
    make_webhook(sends_reviews=True)
    state = ProgressState.objects.filter(interview_id=kept.id).latest("number")
    actions.check_state(kept, state.number, by="ada")
    run = run_next()
    assert (run.state, run.progress_state) == (RunState.FINISHED, state.number)
    given, hidden = check_runner.files
    assert given["new.py"] == b"new"
    assert hidden["count.py"] == b"kept"
    # It is not the submission's result.
    assert summaries([kept.id]) == {}
    assert not Delivery.objects.filter(event="checks.finished").exists()


def test_a_state_that_is_gone(kept: Interview) -> None:
    with pytest.raises(InvalidInputError):
        actions.check_state(kept, 99, by="ada")
    state = ProgressState.objects.filter(interview_id=kept.id).latest("number")
    actions.check_state(kept, state.number, by="ada")
    default_storage.delete(state.key)
    run = run_next()
    assert (run.state, run.reason) == (RunState.FAILED, RunReason.NO_ARCHIVE)


def test_it_is_chosen_on_the_page_and_by_the_api(client: Client, kept: Interview) -> None:
    client.force_login(member("rita", REVIEWER))
    state = ProgressState.objects.filter(interview_id=kept.id).latest("number")
    address = f"/interviews/{kept.id}/checks/"
    chosen = soup(client.get(address)).select("#id_state option")
    assert [each["value"] for each in chosen] == ["", *map(str, range(state.number, 0, -1))]
    client.post(f"{address}run/", {"version": "2", "state": str(state.number)})
    run_next()
    page = soup(client.get(address))
    assert f"Kept state {state.number}" in text_of(page.select_one("#part-history"))
    assert "These checks were not run yet." in text_of(page.select_one("#checks"))
    card = soup(client.get(f"/interviews/{kept.id}/")).select_one("#part-checks")
    assert "Not run yet." in text_of(card)
    started = client.post(
        f"/api{address.removesuffix('/')}", {"state": state.number}, content_type="application/json"
    )
    assert (started.status_code, started.json()["progressState"]) == (202, state.number)
    assert started.json()["queuedAt"][:4] == str(now().year)
    wrong = client.post(
        f"/api{address.removesuffix('/')}", {"state": 99}, content_type="application/json"
    )
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "state")
