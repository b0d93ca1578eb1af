"""The progress of a migration: a bar on a terminal, lines in a log."""

import io
import sys

import pytest

from interviews.legacy.progress import ROWS_PER_LINE, ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Lines:
    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, line: str) -> None:
        self.written.append(line)


def test_log_gets_a_line_per_thousand_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = io.StringIO()
    monkeypatch.setattr(sys, "stderr", nobody)
    lines = Lines()
    with ProgressBar(3 * ROWS_PER_LINE, ROWS_PER_LINE, lines) as moved_to:
        for rows in range(ROWS_PER_LINE, 3 * ROWS_PER_LINE + 2):
            moved_to(rows)
    assert lines.written == ["2,000 of about 3,000 rows", "3,000 of about 3,000 rows"]
    assert nobody.getvalue() == ""


def test_more_rows_than_estimated_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    lines = Lines()
    with ProgressBar(0, 0, lines) as moved_to:
        moved_to(ROWS_PER_LINE)
    assert lines.written == ["1,000 of about 1,000 rows"]


def test_terminal_gets_a_bar_and_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    lines = Lines()
    with ProgressBar(2 * ROWS_PER_LINE, 0, lines) as moved_to:
        moved_to(ROWS_PER_LINE)
    assert lines.written == []
    assert "50%" in terminal.getvalue()
