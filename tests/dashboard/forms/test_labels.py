"""The labels of the dashboard's forms."""

import importlib
import pkgutil

import pytest
from django.forms import Form
from django.utils.functional import Promise

import dashboard.forms

MODULES = [
    importlib.import_module(f"dashboard.forms.{module.name}")
    for module in pkgutil.iter_modules(dashboard.forms.__path__)
]
FORMS: set[type[Form]] = {
    each
    for module in MODULES
    for each in vars(module).values()
    if isinstance(each, type) and issubclass(each, Form) and each.__module__ == module.__name__
}
# Django's form for signing in sets this one as it is made.
ELSEWHERE = {"username"}


@pytest.mark.parametrize("form", sorted(FORMS, key=str))
def test_label_of_a_visible_field_is_translated(form: type[Form]) -> None:
    """Django would make a label of the field's name: English in every language."""
    fields = {n: f for n, f in form.base_fields.items() if not f.widget.is_hidden}
    made = {name for name, field in fields.items() if not isinstance(field.label, Promise)}
    assert made <= ELSEWHERE
