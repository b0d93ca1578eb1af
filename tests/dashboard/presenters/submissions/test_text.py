"""Content becomes lines that a page can show: bounded, and with nothing hidden in them."""

import time

import pytest

from dashboard.presenters.submissions import highlighting, text
from operations.submissions.decoding import all_lines, decode


@pytest.mark.parametrize(
    ("content", "decoded"),
    [
        (b"\xef\xbb\xbfplain\n", ("plain\n", "")),
        ("é".encode("utf-16"), ("é", "UTF-16")),
        (b"caf\xe9", ("café", "Windows-1252")),
        (b"a\0b", None),
        (bytes(range(1, 9)) * 9, None),
    ],
)
def test_encoding_is_found(content, decoded):
    assert decode(content) == decoded


def test_half_a_character_at_the_cut_is_left_out():
    assert decode("aé".encode()[:2], is_whole=False) == ("a", "")


def test_lines_of_all_systems():
    assert all_lines("a\r\nb\rc\n\nd") == ["a", "b", "c", "", "d"]
    assert all_lines("a\n") == ["a"]


def test_what_hides_is_shown():
    assert text.lines_of("a\u202eb\x1b[0m\u2028\tc").lines == ["a\\u202eb␛[0m\\u2028\tc"]


def test_long_lines_and_files_are_cut():
    shown = text.lines_of("x" * 99_999 + "\n" + "y\n" * 9_999)
    assert shown.lines[0] == "x" * text.MAX_LINE_CHARACTERS + "…"
    assert len(shown.lines) == text.MAX_LINES
    assert shown.is_cut and shown.has_long_lines


def test_each_line_of_a_long_token_has_its_own_tags():
    lines = highlighting.highlight("a.py", ["'''one", "", "two'''", ""])
    assert lines is not None
    assert len(lines) == 4
    assert all(line.count("<span") == line.count("</span") for line in lines)


def test_html_in_a_text_is_escaped():
    source = ["<script>alert(1)</script>", "'\"&"]
    for name in ("a.html", "a.js", "a.py", "a.svg"):
        assert "<script" not in "".join(highlighting.highlight(name, source) or [])
    assert highlighting.plain(source)[0] == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_unknown_language_has_no_colors():
    assert highlighting.highlight("a.unknown", ["text"]) is None
    assert highlighting.highlight("run", ["#!/bin/sh", "echo $1"]) is not None


def test_highlighter_that_does_not_end_is_ended(tmp_path, monkeypatch):
    endless = tmp_path / "endless.py"
    endless.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(highlighting, "HIGHLIGHTER", endless)
    monkeypatch.setattr(highlighting, "TIMEOUT_SECONDS", 0.1)
    begin = time.monotonic()
    assert highlighting.highlight("a.py", ["text"]) is None
    assert time.monotonic() - begin < 30


def test_highlighter_knows_nothing_of_the_environment(tmp_path, monkeypatch):
    nosy = tmp_path / "nosy.py"
    nosy.write_text("import os\nprint(len(os.environ.get('SECRET_KEY', '')))\n")
    monkeypatch.setenv("SECRET_KEY", "not-a-secret")
    monkeypatch.setattr(highlighting, "HIGHLIGHTER", nosy)
    assert highlighting.highlight("a.py", ["text"]) == ["0"]
