"""Takes a Jinja2 template into one of Django, for the parts that candidates have as well."""

from typing import Any

from django import template
from django.template import engines
from django.template.backends.utils import csrf_input_lazy
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def jinja(context: template.Context, template_name: str, **values: Any) -> SafeString:
    """Render this template, which gets no other variables than these, and the form's token."""
    compiled = engines["jinja2"].env.get_template(template_name)  # type: ignore[attr-defined]
    request = context.get("request")
    if request is not None:
        values["csrf_input"] = csrf_input_lazy(request)
    # What Jinja2 has put together is escaped.
    return SafeString(compiled.render(values))
