"""Tables and notebooks, also those that are none."""

import base64
import json

import pytest

from dashboard.presenters.submissions import csv_table, notebook

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n1234").decode()


def of_cells(*cells, **fields):
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)}
    return notebook.notebook_of(json.dumps(document | fields))


def code(*outputs, source="1"):
    return {
        "cell_type": "code",
        "id": "x",
        "metadata": {},
        "source": source,
        "outputs": list(outputs),
        "execution_count": None,
    }


def shows(data):
    return code({"output_type": "display_data", "metadata": {}, "data": data})


def test_picture_of_a_cell_is_shown_if_it_is_one():
    (cell,) = of_cells(shows({"image/png": PNG, "text/plain": "<Figure>"})).cells
    assert cell.outputs[0].picture == f"data:image/png;base64,{PNG}"
    script = base64.b64encode(b"<svg><script>").decode()
    for lie in (script, "no base64!", "", 'AAAA" onload="x'):
        (cell,) = of_cells(shows({"image/png": lie})).cells
        assert cell.outputs[0].picture == ""


def test_picture_of_a_cell_with_too_many_pixels_is_not_shown():
    huge = base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0").decode()
    (cell,) = of_cells(shows({"image/png": huge, "text/plain": "<Figure>"})).cells
    assert (cell.outputs[0].picture, cell.outputs[0].text) == ("", "<Figure>")


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/javascript"])
def test_active_output_is_hidden(kind):
    (cell,) = of_cells(shows({kind: "<script>x</script>"})).cells
    assert cell.outputs[0].is_hidden and not cell.outputs[0].text


def test_markdown_of_a_cell_runs_nothing():
    cell = {"cell_type": "markdown", "id": "x", "metadata": {}}
    hostile = "<script>x</script>\n\n[a](javascript:x) ![b](https://example.com/b.png)"
    (shown,) = of_cells(cell | {"source": hostile}).cells
    assert "<script" not in shown.prose
    assert "<a" not in shown.prose
    assert "<img" not in shown.prose


def test_traceback_has_no_terminal_commands():
    error = {
        "output_type": "error",
        "ename": "E",
        "evalue": "x",
        "traceback": ["\x1b[0;31mE\x1b[0m: x"],
    }
    (cell,) = of_cells(code(error)).cells
    assert (cell.outputs[0].text, cell.outputs[0].is_error) == ("E: x", True)


def test_notebook_of_version_3_is_read():
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "code", "input": "1", "language": "python", "metadata": {}, "outputs": []}
        ]}],
    }  # fmt: skip
    assert notebook.notebook_of(json.dumps(old)).cells[0].source == "1"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[]",
        "null",
        '{"nbformat": 4}',
        '{"nbformat": 99, "cells": []}',
        '{"nbformat": "four", "cells": []}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": "none"}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}',
        '{"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []}',
        "[" * 100_000,
    ],
)
def test_notebook_that_lies_is_none(content):
    assert notebook.notebook_of(content) is None


def test_notebook_is_bounded():
    many = [code() | {"id": f"x{number}"} for number in range(notebook.MAX_CELLS + 1)]
    shown = of_cells(*many)
    assert len(shown.cells) == notebook.MAX_CELLS and shown.is_cut
    assert of_cells(code(source="y" * 30_000)).is_cut


def test_markdown_that_takes_long_is_shown_as_it_is_written(monkeypatch):
    long, short = "x" * 10_001, "# Title"
    cells = [
        {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}
        for name, source in (("a", long), ("b", short))
    ]
    first, second = of_cells(*cells).cells
    assert (first.prose, first.source) == (None, long)
    assert second.prose is not None
    monkeypatch.setattr(notebook, "MARKDOWN_SECONDS", 0)
    assert of_cells(*cells).cells[1].prose is None


def test_table_is_padded_and_bounded():
    table = csv_table.table_of('a;b\n"1\n2";x;y\n\n3\n')
    assert table.header == ["a", "b", ""]
    assert table.rows == [["1\n2", "x", "y"], ["3", "", ""]]
    assert not table.is_cut
    long = csv_table.table_of("a,b\n" + "1,2\n" * 999)
    assert len(long.rows) == csv_table.MAX_ROWS and long.is_cut
    wide = csv_table.table_of(",".join("x" * 99) + "\n")
    assert len(wide.header) == csv_table.MAX_COLUMNS and wide.is_cut


@pytest.mark.parametrize("text", ["", "only one column\n", '"' + "x" * 200_000 + '",1\n'])
def test_what_is_no_table_is_none(text):
    assert csv_table.table_of(text) is None
