"""Find the texts of each app: in Python, in templates and in scripts."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file, extract_python
from django.utils.translation.template import templatize
from jinja2 import TemplateSyntaxError
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parent.parent
# The pages of an app are in templates/, and what all pages share belongs to the project's own app.
SOURCES: dict[str, tuple[str, ...]] = {
    "candidate_portal": ("candidate_portal", "templates/candidate_portal"),
    "dashboard": ("dashboard", "templates/dashboard", "templates/admin"),
    "interviews": ("interviews",),
    "operations": ("operations", "templates/mail"),
    "takehome_platform": ("takehome_platform", "templates/*.html", "templates/shared", "static"),
}
# The name that modules import gettext under, and what templatize() writes for {% translate %}.
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# As in takehome_platform/rendering/jinja_environment.py, and an error in a template is raised.
JINJA_OPTIONS = {"newstyle_gettext": "true", "silent": "false"}
TEMPLATE_SUFFIXES = {".html", ".txt"}
SKIPPED_FOLDERS = {"migrations", "locale", "__pycache__"}
# What is made from the catalogs.
GENERATED = ROOT / "static" / "shared" / "texts"


class PluralConflictError(Exception):
    """A catalog has one entry for both, and gettext() of Python 3.11.2 does not find it there.

    A context at one of the two makes two entries.
    """


def extract_template(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Babel's extraction method for Django's templates, by Django's own parser."""
    source = templatize(fileobj.read().decode())
    # What is not a text is blanked out with letters, and the indentation is that of the page.
    flat = "\n".join(line.lstrip() for line in source.split("\n"))
    yield from extract_python(io.BytesIO(flat.encode()), keywords, comment_tags, options)


def files_of(app: str) -> Iterator[Path]:
    """The files of an app that may hold texts, in a fixed order."""
    for pattern in SOURCES[app]:
        for place in sorted(ROOT.glob(pattern)):
            yield from (place,) if place.is_file() else sorted(place.rglob("*"))


def extract(app: str, *, scripts: bool) -> Catalog:
    """The texts of an app's scripts, or of its Python modules and templates; without translations.

    Raises:
        SyntaxError: if a template or module cannot be read; the message names it.
        PluralConflictError: if a text is used both with and without a plural.
    """
    catalog = Catalog(project="Takehome Platform", charset="utf-8")
    plurals: dict[tuple[str | None, str], bool] = {}
    for path in files_of(app):
        if path.is_dir() or SKIPPED_FOLDERS & set(path.parts) or path.parent == GENERATED:
            continue
        method: Any
        if path.suffix == ".js" and scripts:
            method = "javascript"
        elif path.suffix == ".py" and not scripts:
            method = "python"
        elif path.suffix in TEMPLATE_SUFFIXES and not scripts:
            method = extract_template
        elif path.suffix == ".jinja" and not scripts:
            method = babel_extract
        else:
            continue
        name = path.relative_to(ROOT).as_posix()
        try:
            found = list(extract_from_file(method, path, keywords=KEYWORDS, options=JINJA_OPTIONS))
        except (SyntaxError, TemplateSyntaxError) as error:
            raise SyntaxError(f"{name}: {error}") from error
        for _line, message, _comments, context in found:
            singular = message if isinstance(message, str) else message[0]
            is_plural = not isinstance(message, str)
            if plurals.setdefault((context, singular), is_plural) != is_plural:
                raise PluralConflictError(f"{name}: {singular!r} has a plural elsewhere, or none")
            # Without line numbers: each change of a file would change the catalogs.
            catalog.add(message, locations=[(name, 0)], context=context)
    return catalog


def placeholders(text: str) -> set[str]:
    """The names of the placeholders in a text: `%(name)s` gives `name`."""
    return set(re.findall(r"%\((\w+)\)", text))
