"""The environment of the `.jinja` templates: rows of lists, the candidate's pages, and what all
pages share, such as the navigation of staff.

Jinja2 compiles a template to Python. In Django's own language a page of 50 rows had nearly 700
includes, which took more than half of its time, and the candidate's page took three quarters of its
own for a hundred texts. Everything else is in Django's language, which takes the shared ones in by
`{% jinja %}`.
"""

from typing import Any

from django.template.defaultfilters import filesizeformat, timeuntil_filter
from django.templatetags.static import static
from django.utils.translation import get_language
from jinja2 import Environment, StrictUndefined

from dashboard.presenters import nav
from dashboard.presenters.interviews.rows import row_html
from dashboard.templatetags.times import time_element
from dashboard.url_templates import url_with_id
from takehome_platform.rendering.quick_templates import (
    InliningLoader,
    QuickEnvironment,
    Translations,
)
from takehome_platform.templatetags.bundles import bundle
from takehome_platform.templatetags.elements import badge, copy_button


def environment(**options: Any) -> Environment:
    """Return the environment, for TEMPLATES. Django's backend has set `autoescape` and the rest."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    options["loader"] = InliningLoader(options["loader"].searchpath)
    made = QuickEnvironment(**options, extensions=[Translations])
    # {% trans %} hands over what stands in the place of a placeholder, which gettext escapes.
    made.newstyle_gettext = True  # type: ignore[attr-defined]
    made.globals |= {
        "badge": badge,
        "bundle": bundle,
        "candidate_url": _candidate_url,
        "copy_button": copy_button,
        "filesizeformat": filesizeformat,
        "get_language": get_language,
        "static": static,
        "time_element": time_element,
        "timeuntil": timeuntil_filter,
        **nav.FUNCTIONS,
        **row_html.FUNCTIONS,
    }
    return made


def _candidate_url(name: str, screen: Any) -> str:
    """The path of an action or part of the page that shows this state."""
    prefix = "live-" if screen.is_live else ""
    return url_with_id(f"candidate_portal:{prefix}{name}", screen.passcode)
