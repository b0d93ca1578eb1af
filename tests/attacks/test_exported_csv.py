"""Every CSV file that people download is text for a spreadsheet, whichever delimiter it expects."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from interviews.challenges.criteria import Criterion
from interviews.models import Interview
from operations import actions
from operations.audit.models import AuditEntry
from operations.bulk_import.models import Batch, BatchRow
from tests.attacks import routes
from tests.reviewing import finish, set_criteria, submit

pytestmark = pytest.mark.django_db

FORMULAS = [f"{begin}1+1" for begin in ("=", "+", "-", "@", "\t=", "\r=", "\n=", "a;=", "\uff1d")]
# A URL of the table that ends so is a file.
EXPORTS = {
    "/audit/audit.csv",
    "/history/history.csv",
    "/challenges/<str:challenge_id>/compare/comparison.csv",
    "/invitations/template.csv",
    "/invitations/<int:batch_id>/result.csv",
}


@pytest.fixture
def superuser() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def batch(invite: Callable[..., Interview]) -> Batch:
    """A result, a trail, a history and a comparison in which every text is a formula."""
    colleague = User.objects.create_user("colleague")
    batch = Batch.objects.create(file_name="=1+1", created_by="=1+1", valid_days=7)
    for number, formula in enumerate(FORMULAS, 1):
        names = ("candidate_name", "candidate_email", "challenge")
        BatchRow.objects.create(
            batch=batch,
            number=number,
            line=number,
            cells=dict.fromkeys(names, formula),
            error=formula,
            interview_id=formula,
        )
        texts = ("actor", "what", "interview_id", "target", "detail", "address", "via")
        AuditEntry.objects.create(at=timezone.now(), **dict.fromkeys(texts, formula))
        ended = invite(candidate_name=formula)
        ended.change(challenge=formula, candidate_email=formula)
        actions.revoke(ended, by=formula)
        set_criteria(Criterion(formula.strip(), "", 1))
        finished = finish(invite(candidate_name=formula))
        finished.change(created_by=formula)
        scores = [{"criterion": formula.strip(), "score": 4, "note": ""}]
        submit(finished, colleague, scores=scores)
    return batch


def test_exports_are_the_files_of_the_url_table() -> None:
    """Another one has to be added here, and to the test below."""
    assert {each for each in routes.url_patterns() if each.endswith(".csv")} == EXPORTS


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_of_an_export_is_a_formula(superuser: Client, batch: Batch, delimiter: str) -> None:
    for url in (
        "/audit/audit.csv",
        "/history/history.csv",
        "/challenges/word-count/compare/comparison.csv",
        "/invitations/template.csv",
        f"/invitations/{batch.pk}/result.csv",
    ):
        cells = _cells(superuser.get(url), delimiter)
        assert len(cells) >= 2
        assert [each for each in cells if each.startswith(("=", "+", "-", "@", "\uff1d"))] == []


def _cells(answer: Any, delimiter: str) -> list[str]:
    assert answer.status_code == 200
    content = (answer.getvalue() if answer.streaming else answer.content).decode("utf-8-sig")
    rows = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row]
