"""The errors at the top of forms."""

from typing import Any

from django import template
from django.forms import BaseForm

register = template.Library()


@register.inclusion_tag("dashboard/forms/_errors.html")
def form_errors(form: BaseForm, not_shown: str = "") -> dict[str, Any]:
    """The errors of the form itself, and of its fields that nobody would see otherwise.

    Those are hidden fields, and those whose names are in `not_shown`.
    """
    errors = list(form.non_field_errors())
    for field in form:
        if field.is_hidden or field.name in not_shown.split():
            errors += [f"{field.label}: {error}" for error in field.errors]
    return {"errors": errors}
