"""The translations that Jinja2 templates call, which remember what they were asked for.

A page has a hundred texts, the same each time, and Django's gettext looks up the language for each.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.utils import translation
from markupsafe import Markup


@cache
def translations_to(language: str | None) -> dict[str, Callable[..., Markup]]:
    """Return `gettext` and its like for a template, in the language that is active at each call.

    A text is as safe as the template that has it. What stands in its place is escaped.
    """

    # The texts are those of templates, so they are few.
    @cache
    def translated(context: str | None, text: str) -> Markup:
        if context is None:
            return Markup(translation.gettext(text))  # noqa: S704
        return Markup(translation.pgettext(context, text))  # noqa: S704

    def gettext(text: str, **shown: Any) -> Markup:
        return translated(None, text) % shown if "%" in text else translated(None, text)

    def pgettext(context: str, text: str, **shown: Any) -> Markup:
        return translated(context, text) % shown

    def ngettext(singular: str, plural: str, num: int, **shown: Any) -> Markup:
        text = Markup(translation.ngettext(singular, plural, num))  # noqa: S704
        return text % ({"num": num} | shown)

    return {"gettext": gettext, "pgettext": pgettext, "ngettext": ngettext}
