"""What the actions of staff are done to."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from dashboard.auth import api_tokens
from dashboard.models import ApiToken
from dashboard.permissions.roles import ADMINISTRATOR, VIEWER
from dashboard.second_factor import devices
from interviews.challenges.models import Challenge
from interviews.models import Interview
from operations import actions
from operations.admission import registration
from operations.admission.models import Admission
from operations.bulk_import.models import Batch
from operations.mail.texts.models import EmailText
from operations.models import Operation
from operations.progress.models import ProgressState
from operations.reaper.models import Orphan
from operations.reviews.models import Review, ReviewState
from operations.webhooks import actions as webhook_actions
from operations.webhooks.models import Delivery, DeliveryStatus, Webhook
from tests import zones
from tests.checking import save_checks, submit
from tests.conftest import member, operation_of, run_until_idle
from tests.dashboard.audit.cases import import_csv
from tests.dashboard.webhooks import make_delivery
from tests.orphans import make_orphan
from tests.reviewing import finish
from tests.second_factor import turn_on


@pytest.fixture
def boss(db: None) -> User:
    return member("boss", ADMINISTRATOR)


@pytest.fixture
def colleague(boss: User, settings: Any) -> User:
    """Another administrator, who can be sent an e-mail."""
    settings.MAIL_IS_ON = True
    person = member("colleague", ADMINISTRATOR)
    person.email = "colleague@example.com"
    person.save()
    return person


@pytest.fixture
def former_colleague(colleague: User) -> User:
    colleague.is_active = False
    colleague.save()
    return colleague


@pytest.fixture
def in_set_up(boss: User) -> User:
    """Somebody with a key that no code has confirmed."""
    devices.start_set_up(boss)
    return boss


@pytest.fixture
def with_second_factor(colleague: User) -> User:
    turn_on(colleague)
    return colleague


@pytest.fixture
def in_line(in_state: Callable[..., Interview]) -> Interview:
    interview = in_state("activated", provisioner="local")
    Admission.objects.create(
        **registration.row_of(interview),
        workspace=interview.workspace_name,
        since=timezone.now(),
        queued_at=timezone.now(),
    )
    registration.make_ready(str(interview.provisioner))
    return interview


@pytest.fixture
def failed(in_state: Callable[..., Interview]) -> Interview:
    return in_state("error")


@pytest.fixture
def ended(in_state: Callable[..., Interview]) -> Interview:
    return in_state("completed")


@pytest.fixture
def reviewable(boss: User, take_home: Interview) -> Interview:
    return finish(take_home)


@pytest.fixture
def reviewed(boss: User, reviewable: Interview) -> Interview:
    """A submission that everybody has reviewed, so the one who acts too."""
    for person in User.objects.all():
        Review.objects.create(
            interview_id=reviewable.id,
            reviewer=person,
            reviewer_name=person.username,
            state=ReviewState.SUBMITTED,
            recommendation="yes",
        )
    return reviewable


@pytest.fixture
def assigned(boss: User, reviewable: Interview) -> Interview:
    """A submission that the boss is asked to review."""
    Review.objects.create(
        interview_id=reviewable.id, reviewer=boss, reviewer_name="boss", is_assigned=True
    )
    return reviewable


@pytest.fixture
def planned(schedule: Callable[..., Interview]) -> Interview:
    return schedule()


@pytest.fixture
def saved(running: Interview) -> Interview:
    """A completed test with its files, which can be opened again."""
    actions.submit(running, by="candidate")
    return run_until_idle(running)


@pytest.fixture
def unsaveable(in_state: Callable[..., Interview]) -> Interview:
    """An ending test whose files cannot be saved."""
    return in_state("destroying", failed_step="save")


@pytest.fixture
def replanned(schedule: Callable[..., Interview]) -> Interview:
    return zones.replanned(schedule)


@pytest.fixture
def operation(take_home: Interview, engine: Any) -> Operation:
    """A start that waits for a worker."""
    actions.activate(take_home, by="candidate")
    return operation_of(take_home)


@pytest.fixture
def addressed(invite: Callable[..., Interview], settings: Any) -> Interview:
    """A test whose candidate can be sent an e-mail."""
    settings.MAIL_IS_ON = True
    settings.SITE_URL = "https://tests.example.com"
    return invite(candidate_email="ada@example.com")


@pytest.fixture
def delivery(webhook: Webhook) -> Delivery:
    return make_delivery(webhook, state=DeliveryStatus.GIVEN_UP)


@pytest.fixture
def inactive(webhook: Webhook) -> Webhook:
    webhook_actions.switch_off(webhook, by="admin")
    webhook.refresh_from_db()
    return webhook


@pytest.fixture
def orphan(db: None) -> Orphan:
    return make_orphan()


@pytest.fixture
def unsaved_orphan(db: None) -> Orphan:
    """A workspace whose files could not be saved."""
    return make_orphan(failed_step="save")


@pytest.fixture
def batch(challenge: Challenge) -> Batch:
    return import_csv()


@pytest.fixture
def token(db: None) -> ApiToken:
    return api_tokens.create("ats", VIEWER, by="admin")[0]


@pytest.fixture
def edited_text(db: None) -> EmailText:
    return EmailText.objects.create(key="test-withdrawn", language="en", subject="Sorry, {name}")


@pytest.fixture
def submitted(challenge: Challenge, invite: Callable[..., Interview], db: None) -> Interview:
    """An interview with an archive, of a version with checks."""
    save_checks()
    return submit(invite())


@pytest.fixture
def with_a_state(submitted: Interview) -> Interview:
    """The same, of which a state was kept."""
    ProgressState.objects.create(
        interview_id=submitted.id, number=1, sitting=1, at=timezone.now(), key="k", files=0, lines=0
    )
    return submitted
