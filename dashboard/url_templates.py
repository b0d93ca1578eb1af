"""URLs that hold one id, for lists: each row has eight, and `reverse` takes a while for each."""

from functools import cache
from urllib.parse import quote

from django.urls import reverse

# Stands for the id while the pattern is read.
_ID = "-id-"
# As `reverse` has them, but for the slash, which no id in a path can have.
_SAFE = "!$&'()*+,;=~:@"


def url_with_id(name: str, id_: str) -> str:
    """Return what `reverse(name, args=[id_])` returns.

    Raises:
        NoReverseMatch: if no URL of this name takes one argument.
    """
    before, after = _around_id(name)
    return f"{before}{quote(id_, safe=_SAFE)}{after}"


@cache
def _around_id(name: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[_ID]).partition(_ID)
    return before, after
