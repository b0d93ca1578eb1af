"""A whole round as `make run` has it, with the local engine.

It takes longer than other tests because it is a whole day of a team: three candidates, checks of
which one uses up its time, four reviews. `test_round_on_docker.py` plays the same in containers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.conftest import PATIENCE_MS, Invitation, Platform, SignIn, Staff, running_platform
from tests.e2e.round.people import Round
from tests.e2e.round.scenario import play
from tests.e2e.workspace import SAVE, sign_in_to_workspace
from tests.receiver import Receiver


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Its webhooks may go to this machine, which those of the other tests' platform may not."""
    folder = tmp_path_factory.mktemp("round")
    with running_platform(folder, WEBHOOK_ALLOW_PRIVATE="true") as platform:
        yield platform


@dataclass(frozen=True)
class LocalEngine:
    platform: Platform
    patience_ms: int = PATIENCE_MS

    def type_files(self, candidate: Page, files: dict[str, str]) -> None:
        workspace = sign_in_to_workspace(candidate)
        for name, content in files.items():
            assert workspace.evaluate(SAVE, [name, content]) == 200
        workspace.close()

    def write_files(self, invitation: Invitation, files: dict[str, str]) -> None:
        for name, content in files.items():
            (self.platform.workspace(invitation.id) / "files" / name).write_text(content)


# More than a minute: tests, interviews, checks and reviews of a whole round of applicants.
@pytest.mark.timeout(240)
def test_a_whole_round(
    platform: Platform,
    staff: Staff,
    sign_in: SignIn,
    new_context: Callable[..., BrowserContext],
    tmp_path: Path,
) -> None:
    engine = LocalEngine(platform)
    with Receiver() as receiver:
        play(Round(platform, engine, staff, sign_in, new_context), receiver, tmp_path)
