"""The catalogs' files: locale/LANGUAGE/LC_MESSAGES/django.po of each app, and djangojs.po."""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from catalogs.extract import ROOT

# The source language, English, needs no catalog.
LANGUAGES = ("de",)


def catalog_path(app: str, language: str, *, scripts: bool) -> Path:
    name = "djangojs.po" if scripts else "django.po"
    return ROOT / app / "locale" / language / "LC_MESSAGES" / name


def read(path: Path, language: str) -> Catalog:
    """The catalog in the file, or an empty one."""
    if not path.exists():
        return Catalog(locale=language, project="Takehome Platform", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return all(texts) and not message.fuzzy


def as_po(catalog: Catalog) -> bytes:
    """The file's content, sorted, without times: the same texts give the same bytes."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, sort_output=True, omit_header=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {catalog.locale}\\n"\n'
        f'"Plural-Forms: {catalog.plural_forms}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return header.encode() + file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """The compiled content: the same texts give the same bytes."""
    written = read_po(io.BytesIO(as_po(catalog)), locale=catalog.locale)
    # Babel writes it into the header, and today's date if it has none.
    written.creation_date = datetime.fromtimestamp(0, UTC)
    file = io.BytesIO()
    write_mo(file, written)
    return file.getvalue()


def write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(catalog))


def write_compiled(path: Path, catalog: Catalog) -> None:
    path.with_suffix(".mo").write_bytes(as_mo(catalog))
