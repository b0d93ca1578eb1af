"""A CSV file as a table of bounded size."""

import csv
from dataclasses import dataclass

MAX_ROWS = 500
MAX_COLUMNS = 50
MAX_CELL_CHARACTERS = 500
DELIMITERS = ",;\t|"


@dataclass(frozen=True)
class Table:
    """The first row as the heading; every row has as many cells."""

    header: list[str]
    rows: list[list[str]]
    is_cut: bool


def is_csv(name: bytes) -> bool:
    return name.lower().endswith((b".csv", b".tsv"))


def table_of(text: str) -> Table | None:
    """The table in a text, or None if it has fewer than two columns or is no CSV."""
    lines = text.splitlines(keepends=True)
    delimiter = max(DELIMITERS, key=lambda each: lines[0].count(each)) if lines else ","
    rows: list[list[str]] = []
    is_cut = False
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if len(rows) > MAX_ROWS:
                is_cut = True
                break
            is_cut |= len(row) > MAX_COLUMNS or any(len(c) > MAX_CELL_CHARACTERS for c in row)
            rows.append([_cell(cell) for cell in row[:MAX_COLUMNS]])
    except csv.Error:
        return None
    width = max(map(len, rows), default=0)
    if width < 2:
        return None
    padded = [row + [""] * (width - len(row)) for row in rows if row]
    return Table(padded[0], padded[1:], is_cut)


def _cell(text: str) -> str:
    return f"{text[:MAX_CELL_CHARACTERS]}…" if len(text) > MAX_CELL_CHARACTERS else text
