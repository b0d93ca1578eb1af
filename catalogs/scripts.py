"""The texts of the scripts: one static file a language, from Django's JavaScriptCatalog.

A static file needs no view, is cached like the scripts that use it, and is there before them.
"""

import os
from pathlib import Path
from typing import cast

import django
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from catalogs.extract import ROOT, SOURCES


def script_path(language: str) -> Path:
    return ROOT / "static" / "shared" / "texts" / f"{language}.js"


def script(language: str) -> bytes:
    """`gettext()`, `ngettext()`, `interpolate()` and the texts of all apps in this language."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "takehome_platform.settings")
    django.setup()
    from django.views.i18n import JavaScriptCatalog

    with translation.override(language):
        view = JavaScriptCatalog.as_view(packages=list(SOURCES))
        response = cast(HttpResponse, view(RequestFactory().get("/")))
    return response.content


def write_script(language: str) -> None:
    path = script_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(script(language))
