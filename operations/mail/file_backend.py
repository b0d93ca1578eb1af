"""A mail backend for development that writes each message to an .eml file."""

import os
from email.message import Message
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from interviews.dynamodb import now


class EmailBackend(BaseEmailBackend):
    """Writes .eml files to EMAIL_FILE_PATH, readable only by their owner: a link opens a test."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._folder = Path(settings.EMAIL_FILE_PATH)

    def send_messages(self, messages: Any) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in messages:
            self._write(message)
        return len(messages)

    def _write(self, message: EmailMessage) -> None:
        content: Message = message.message()
        path = self._folder / f"{now():%Y%m%d-%H%M%S}-{uuid4().hex[:8]}.eml"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.as_bytes())
