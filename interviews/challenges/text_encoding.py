"""Rewrite the texts that other programs must read as UTF-8 without a byte order mark.

Notepad and PowerShell 5 write one, and PowerShell's `>` writes UTF-16. The page would show the mark
before the title of README.md, and tools that read package.json reject it.
"""

import codecs

from django.utils.translation import gettext as _

from interviews.challenges.storage import README

PACKAGE = "package.json"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def as_plain_utf_8(path: str, content: bytes) -> tuple[bytes, str | None]:
    """Return the content and what it was before, or None if nothing was changed.

    Only README.md at the top and every package.json are changed, and only if a mark says how.
    """
    if path != README and path.rpartition("/")[2] != PACKAGE:
        return content, None
    if content.startswith(codecs.BOM_UTF8):
        return content.removeprefix(codecs.BOM_UTF8), _("UTF-8 with a byte order mark")
    # The mark of UTF-32, which nothing writes, begins in the same way.
    if content.startswith(UTF_16_MARKS) and not content.startswith(codecs.BOM_UTF32_LE):
        try:
            return content.decode("utf-16").encode(), "UTF-16"
        except UnicodeError:
            return content, None
    return content, None
