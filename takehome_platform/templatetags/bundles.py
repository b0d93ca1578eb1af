"""The elements that load style sheets and scripts; `rendering.static_bundles` has the bundles."""

from functools import cache

from django import template
from django.conf import STATICFILES_STORAGE_ALIAS
from django.core.files.storage import Storage, storages
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from takehome_platform.rendering.static_bundles import BUNDLES

register = template.Library()

SHEET = '<link rel="stylesheet" href="{}">'
SCRIPT = '<script src="{}" defer></script>'


@register.simple_tag
def bundle(name: str) -> SafeString:
    """Load a bundle, or each of its files where none was made."""
    return _elements(storages[STATICFILES_STORAGE_ALIAS], name)


@cache
def _elements(storage: Storage, name: str) -> SafeString:
    # The names of files are those of when they were collected, before the process started.
    path = f"bundles/{name}"
    has_bundles = getattr(storage, "has_bundles", False)
    files = [path] if has_bundles else BUNDLES[path]
    element = SHEET if name.endswith(".css") else SCRIPT
    return format_html_join("\n    ", element, ([static(file)] for file in files))
