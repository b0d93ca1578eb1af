"""The export has everything of one candidate, and nothing that opens anything."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage

from interviews.models import Interview
from operations.audit import Channel, Origin, acting_as
from operations.audit.models import AuditEntry
from operations.candidate_data import export, selection
from tests.operations.candidate_data.conftest import ADA

pytestmark = pytest.mark.django_db

PAGE = Path(django_settings.BASE_DIR) / "docs/candidate-data.md"


def exported(email=ADA):
    with acting_as(Origin("admin", Channel.COMMAND)):
        chunks = list(export.export_candidate(selection.find_by_email(email)))
    return zipfile.ZipFile(io.BytesIO(b"".join(chunks)))


def document(archive):
    return json.loads(archive.read("candidate-data.json"))


def part_of(archive, interview):
    return next(one for one in document(archive)["interviews"] if one["id"] == interview.id)


def test_export_has_every_interview_with_all_that_belongs_to_it(known, other):
    archive = exported()
    content = document(archive)
    assert content["candidateEmail"] == "ada@example.com"
    assert {one["id"] for one in content["interviews"]} == {one.id for one in known}
    first = part_of(archive, known[2])
    assert (first["candidateName"], first["candidateEmail"]) == ("Ada L.", ADA)
    assert first["status"] == "completed"
    assert first["timeline"][0]["status"] == "available"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["createdAt"])
    assert len(first["operations"]) == 4
    assert all(each["log"] for each in first["operations"])
    assert "ada" in first["searchWords"]
    assert {each["to"] for each in first["emails"]} == {ADA}
    assert {each["message"]["interview"]["candidateName"] for each in first["webhookMessages"]} == {
        "Ada L."
    }
    assert part_of(archive, known[1])["importRows"][0]["cells"]["candidate_email"] == ADA
    assert content["otherImportRows"][0]["problem"]
    assert [each["to"] for each in content["otherEmails"]] == [ADA]


def test_export_has_the_saved_archives(known, other):
    archive = exported()
    assert archive.testzip() is None
    for interview in document(archive)["interviews"]:
        for saved in interview["archives"]:
            assert len(archive.read(saved["path"])) == saved["bytes"]
            assert not saved["isMissing"]
    assert [len(part_of(archive, one)["archives"]) for one in known] == [0, 1, 2]
    [saved] = part_of(archive, known[1])["archives"]
    with default_storage.open(known[1].history_s3_key) as file:
        assert archive.read(saved["path"]) == file.read()


def test_export_has_each_sitting_with_its_end_and_its_archive(known):
    archive = exported()
    first = part_of(archive, known[2])
    ends = [(each["number"], each["status"], each["endReason"]) for each in first["sittings"]]
    assert ends == [(1, "completed", "submitted"), (2, "completed", "submitted")]
    assert [each["lengthSeconds"] for each in first["sittings"]] == [3600, 1800]
    assert [each["sitting"] for each in first["archives"]] == [1, 2]
    assert part_of(archive, known[0])["sittings"] == []


def test_lost_archive_is_named_and_stops_nothing(known):
    default_storage.delete(known[1].history_s3_key)
    archive = exported()
    [lost] = part_of(archive, known[1])["archives"]
    assert lost["isMissing"]
    assert lost["path"] not in archive.namelist()
    assert archive.testzip() is None


def test_nothing_in_it_opens_anything(known, engine):
    known[0].change(legacy_attributes={"rootPassword": "open-sesame", "note": "came late"})
    archive = exported()
    text = archive.read("candidate-data.json").decode()
    secrets = [*engine.passwords.values(), "open-sesame"]
    secrets += [one.passcode for one in known] + [known[0].password]
    assert [secret for secret in secrets if secret in text] == []
    assert "came late" in text
    assert "127.0.0.1" not in text


def test_nothing_of_others_is_in_it(known, other):
    text = exported().read("candidate-data.json").decode()
    assert "Eve" not in text
    assert other.id not in text


def test_export_is_in_the_audit_trail_of_each_interview(known):
    exported()
    entries = AuditEntry.objects.filter(what="exported_candidate")
    assert {each.interview_id for each in entries} == {one.id for one in known}


def test_archive_is_read_in_parts(known, monkeypatch):
    monkeypatch.setattr(export, "CHUNK", 64)
    chunks = list(export.export_candidate(selection.find_by_email(ADA)))
    size = sum(int(one.archive_bytes or 0) for one in known)
    assert len(chunks) > size // 64
    assert all(chunks)


def test_every_attribute_is_exported_or_left_out_for_a_reason():
    """A new attribute is exported, unless it opens something: say which in the docs."""
    left_out = export.CREDENTIALS | export.INTERNAL | export.REWRITTEN
    assert left_out <= set(Interview.get_attributes())
    looks_secret = {
        name for name in Interview.get_attributes() if re.search("pass|secret|token|url", name)
    }
    assert looks_secret <= export.CREDENTIALS


def test_every_field_is_in_the_docs(known):
    page = PAGE.read_text()
    fields = {
        each.attr_name
        for name, each in Interview.get_attributes().items()
        if name not in export.CREDENTIALS | export.INTERNAL | export.REWRITTEN
    }

    def collect(value):
        if isinstance(value, dict):
            fields.update(value)
            for each in value.values():
                collect(each)
        elif isinstance(value, list):
            for each in value:
                collect(each)

    content = document(exported())
    for interview in content["interviews"]:
        for row in interview["importRows"]:
            row.pop("cells")
        for message in interview["webhookMessages"]:
            message.pop("message")
    for row in content["otherImportRows"]:
        row.pop("cells")
    collect(content)
    assert sorted(field for field in fields if f"`{field}`" not in page) == []
