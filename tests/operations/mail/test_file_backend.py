"""The mail backend that writes .eml files."""

import stat

import pytest

from operations.mail import sender
from tests.operations.mail.conftest import messages


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "operations.mail.file_backend.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def test_each_message_is_a_file_readable_only_by_its_owner(folder, mailed):
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"Subject: Your take-home test: Word count" in file.read_bytes()


def test_unwritable_folder_counts_as_an_unreachable_mail_server(folder, mailed):
    folder.write_text("not a folder")
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    message = messages(interview)[0]
    assert (message.state, message.error) == ("queued", "The mail server could not be reached.")
