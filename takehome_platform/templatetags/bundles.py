"""The elements that load style sheets and scripts; `rendering.static_bundles` has the bundles."""

from functools import cache

from django import template
from django.conf import STATICFILES_STORAGE_ALIAS
from django.core.files.storage import Storage, storages
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from takehome_platform.rendering.static_bundles import bundle_name, files_of

register = template.Library()

SHEET = '<link rel="stylesheet" href="{}">'
SCRIPT = '<script src="{}" defer></script>'


@register.simple_tag
def bundle(name: str) -> SafeString:
    """Load a bundle, in the language of the page; or each of its files where none was made."""
    return _elements(storages[STATICFILES_STORAGE_ALIAS], name, get_language())


@cache
def _elements(storage: Storage, name: str, language: str | None) -> SafeString:
    # The names of files are those of when they were collected, before the process started.
    has_bundles = getattr(storage, "has_bundles", False)
    files = [bundle_name(name, language)] if has_bundles else files_of(name, language)
    element = SHEET if name.endswith(".css") else SCRIPT
    return format_html_join("\n    ", element, ([static(file)] for file in files))
