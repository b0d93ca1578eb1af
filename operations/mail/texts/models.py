"""What administrators changed on the page *Email texts*."""

import hashlib

from django.db import models

from operations.mail.models import MAX_SUBJECT

MAX_BODY = 5000


class EmailText(models.Model):
    """The edited text of one kind of email in one language.

    "" is the standard text, of the subject or of the body. There is no row if both are.
    """

    # That of a TextKind.
    key = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=MAX_SUBJECT, blank=True, default="")
    body = models.TextField(max_length=MAX_BODY, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["key", "language"], name="one_text_of_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"

    @property
    def version(self) -> str:
        """Another one after each change, to see that somebody else edited the text."""
        return hashlib.sha256(f"{self.subject}\0{self.body}".encode()).hexdigest()[:16]
