"""The environment of the `.jinja` templates: what a list shows in each of its rows.

Jinja2 compiles a template to Python. In Django's own language a page of 50 rows had nearly 700
includes, which took more than half of its time. Everything else is in Django's language.
"""

from typing import Any

from jinja2 import Environment, StrictUndefined

from dashboard.presenters.interviews.rows import row_html
from takehome_platform.rendering.quick_templates import (
    InliningLoader,
    QuickEnvironment,
    Translations,
)
from takehome_platform.templatetags.elements import badge, copy_button


def environment(**options: Any) -> Environment:
    """Return the environment, for TEMPLATES. Django's backend has set `autoescape` and the rest."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    options["loader"] = InliningLoader(options["loader"].searchpath)
    made = QuickEnvironment(**options, extensions=[Translations])
    # {% trans %} hands over what stands in the place of a placeholder, which gettext escapes.
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.globals |= {"badge": badge, "copy_button": copy_button, **row_html.FUNCTIONS}
    return made
