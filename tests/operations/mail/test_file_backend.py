"""Mail that stays on this machine."""

import stat

import pytest

from operations.mail import sender
from tests.operations.mail.conftest import messages


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "operations.mail.file_backend.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def test_each_message_is_a_file_that_its_owner_alone_can_read(folder, mailed):
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert b"Subject: Your take-home test: Word count" in file.read_bytes()


def test_a_folder_that_cannot_be_written_is_a_mail_server_that_is_away(folder, mailed):
    folder.write_text("not a folder")
    interview = mailed()
    sender.send_message(messages(interview)[0].pk)
    message = messages(interview)[0]
    assert (message.state, message.error) == ("queued", "The mail server could not be reached.")
