"""docs/settings.md has the text of .env.example."""

from pathlib import Path

import pytest

from takehome_platform.docs import settings as settings_docs
from takehome_platform.docs.settings import UndocumentedSettingError, parse_sections, render_page

EXAMPLE = """\
# Before all.

# -- the web site ----

# About this part of it.

# The key: <50> characters,
# see `make [key]`. Required.
KEY=
# Where REDIS_URL and NO_SETTING lead; not KEY_FILE.
REDIS_URL=redis://127.0.0.1
# Empty: none.
OTHER_ONE=
# Whatever it is.
LAST=
"""


def test_page_in_docs_is_up_to_date() -> None:
    assert settings_docs.PAGE.read_text() == render_page(settings_docs.EXAMPLE.read_text()), (
        "docs/settings.md is not current: make docs"
    )


def test_page_has_sections_settings_and_defaults() -> None:
    assert render_page(EXAMPLE) == (
        """\
# Settings

<!-- Made from .env.example by: make docs -->

Before all.

## The web site

About this part of it.

### KEY

The key: \\<50\\> characters,
see `make [key]`. Required.

### REDIS_URL

Where REDIS\\_URL and NO\\_SETTING lead; not KEY\\_FILE.

Default: `redis://127.0.0.1`

### OTHER_ONE

Empty: none.

### LAST

Whatever it is.

Default: empty
"""
    )


def test_setting_that_another_one_names_is_linked() -> None:
    example = "# -- one --\n\n# See B_TWO.\nA_ONE=1\n# Second.\nB_TWO=2\n"
    assert "See [B_TWO](#b_two)." in render_page(example)


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ("# -- one --\n\nA=1\n", "line 3: A has no comment above it"),
        ("# -- one --\n# First.\n\nA=1\n", "line 4: A has no comment above it"),
        ("# -- one --\n# First.\nA=1\nB=2\n", "line 4: B has no comment above it"),
        ("# -- one --\nexport A=1\n", "line 2: neither a comment nor a setting: export A=1"),
    ],
)
def test_undocumented_setting_is_refused_with_its_line(example: str, message: str) -> None:
    with pytest.raises(UndocumentedSettingError) as refused:
        parse_sections(example)
    assert str(refused.value) == message


def test_command_writes_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_docs, "PAGE", tmp_path / "settings.md")
    assert settings_docs.main() == 0
    assert (tmp_path / "settings.md").read_text() == render_page(settings_docs.EXAMPLE.read_text())


def test_command_names_the_undocumented_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = tmp_path / ".env.example"
    example.write_text("A=1\n")
    monkeypatch.setattr(settings_docs, "EXAMPLE", example)
    monkeypatch.setattr(settings_docs, "PAGE", tmp_path / "settings.md")
    assert settings_docs.main() == 2
    assert capsys.readouterr().err == ".env.example, line 1: A has no comment above it\n"
    assert not (tmp_path / "settings.md").exists()
