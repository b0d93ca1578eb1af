"""HTML that is put together in Python, for the small elements of which a list has hundreds."""

from django.utils.safestring import SafeString
from markupsafe import escape


def build_html(template: str, *values: object) -> SafeString:
    """Return what `format_html` returns, in half of the time: each value is escaped, unless it is
    HTML already. `template` is never data."""
    return SafeString(template.format(*map(escape, values)))
