"""manage.py candidate_data."""

import zipfile
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from interviews import queries
from operations.audit.models import AuditEntry
from operations.candidate_data import selection
from tests.operations.candidate_data.conftest import ADA

pytestmark = pytest.mark.django_db


def run(*args):
    out = StringIO()
    call_command("candidate_data", *args, stdout=out)
    return out.getvalue()


def test_show_counts_and_changes_nothing(take_home):
    said = run("show", "--interview", take_home.id)
    assert said.startswith("Stored: 1 interview, ")
    assert queries.get_interview(take_home.id) is not None


def test_nothing_found_is_said(tables):
    said = "Nothing is stored about this candidate.\n"
    assert [run(action, "--email", ADA) for action in ("show", "export", "delete")] == [said] * 3


def test_unknown_interview_is_an_error(tables):
    with pytest.raises(CommandError, match="Interview not found"):
        run("show", "--interview", "no-such")


def test_export_writes_a_file_once(invite, tmp_path):
    invite(candidate_email=ADA)
    path = tmp_path / "ada.zip"
    assert run("export", "--email", ADA, "--output", str(path)).endswith(f"Exported to {path}.\n")
    assert zipfile.ZipFile(path).namelist() == ["candidate-data.json"]
    with pytest.raises(CommandError, match=r"ada\.zip already exists"):
        run("export", "--email", ADA, "--output", str(path))


@pytest.mark.parametrize(("answer", "is_deleted"), [("yes", True), ("y", False), ("", False)])
def test_delete_asks_first(invite, monkeypatch, answer, is_deleted):
    made = invite(candidate_email=ADA)
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    said = run("delete", "--email", ADA)
    assert "Invitations that were not started are withdrawn first." in said
    assert ("Nothing was deleted." in said) is not is_deleted
    assert (queries.get_interview(made.id) is None) is is_deleted


def test_delete_says_what_was_done_and_is_in_the_audit_trail(invite):
    invite(candidate_email=ADA)
    said = run("delete", "--email", ADA, "--no-input")
    assert "\nDeleted: 1 interview, " in said
    entry = AuditEntry.objects.get(what="deleted_candidate")
    assert (entry.actor, entry.via) == ("manage.py", "command")


def test_delete_that_leaves_something_fails(running):
    running.change(candidate_email=ADA)
    with pytest.raises(CommandError, match="Not everything was deleted"):
        run("delete", "--email", ADA, "--no-input")
    assert len(selection.find_by_email(ADA).running) == 1
