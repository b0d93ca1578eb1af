"""Reading CSV files from spreadsheets, and writing CSV files without formulas."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from operations.bulk_import import csv_file
from operations.bulk_import.columns import is_known
from operations.bulk_import.csv_file import MAX_BYTES, MAX_ROWS, UnreadableFileError

HEAD = "candidate_name,challenge"


def cells(content):
    return [record.cells for record in csv_file.parse_csv(content, is_known).records]


def error_message(content):
    with pytest.raises(UnreadableFileError) as raised:
        csv_file.parse_csv(content, is_known)
    return str(raised.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_encodings_of_spreadsheets_are_read(encoding):
    content = f"{HEAD}\r\nJosé Müller,word-count\r\n".encode(encoding)
    table = csv_file.parse_csv(content, is_known)
    assert table.head == ["candidate_name", "challenge"]
    assert table.records[0].cells == ["José Müller", "word-count"]
    assert bool(table.notices) == (encoding == "cp1252")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_detected_from_the_head(delimiter):
    lines = [["Candidate Name", "Challenge"], ["Lovelace; Ada, of London", "word-count"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    assert cells(text.encode()) == [["Lovelace; Ada, of London", "word-count"]]


def test_delimiter_declared_by_excel_is_used():
    assert cells(b"sep=;\r\nname;challenge\r\nAda;word-count\r\n") == [["Ada", "word-count"]]
    assert cells(b"sep=\t\r\nname\tchallenge\r\nAda\tword-count\r\n") == [["Ada", "word-count"]]


def test_line_numbers_count_from_the_start_of_the_file():
    content = b"sep=;\r\nname;challenge\r\nAda;word-count\r\n"
    assert [record.line for record in csv_file.parse_csv(content, is_known).records] == [3]


def test_quoted_cell_with_line_breaks_keeps_the_line_numbers_right():
    content = b'name,instructions\nAda,"one\r\ntwo"\n\n , \nGrace,three\n'
    table = csv_file.parse_csv(content, is_known)
    assert [(each.line, each.cells) for each in table.records] == [
        (2, ["Ada", "one\r\ntwo"]),
        (6, ["Grace", "three"]),
    ]


def test_carriage_returns_are_line_ends():
    assert cells(b"name,challenge\rAda,a\rGrace,b\r") == [["Ada", "a"], ["Grace", "b"]]


def test_file_with_the_most_candidates_is_read():
    rows = "".join(f"Ada {number},word-count\n" for number in range(MAX_ROWS))
    assert len(cells(f"{HEAD}\n{rows}".encode())) == 5_000


def test_file_with_too_many_candidates_is_rejected():
    rows = "Ada,word-count\n" * (MAX_ROWS + 1)
    assert error_message(f"{HEAD}\n{rows}".encode()) == (
        "The file has more than 5,000 candidates. Split it into several files."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n", "The file is empty."),
        (b'""\n', "The file is empty."),
        (b"sep=;\n", "The file is empty."),
        (b"a" * (MAX_BYTES + 1), "The file is larger than 2 MB."),
        (b"PK\x03\x04", "This is a workbook, not a CSV file. Save it as CSV (UTF-8) first."),
        (b"\x89\x81\x8d", "This isn't a text file. Save it as CSV (UTF-8) and try again."),
        (b"name\x00\x00\x00", "This isn't a text file. Save it as CSV (UTF-8) and try again."),
    ],
)
def test_other_file_is_rejected_with_advice(content, message):
    assert error_message(content) == message


@pytest.mark.parametrize("bad", ['"Grace,b', '"Grace"x,b'])
def test_unmatched_quotes_are_reported_with_their_line(bad):
    assert error_message(f"name,challenge\nAda,a\n{bad}\nMary,c\n".encode()).startswith(
        "The quotes don't match in the row that starts on line 3"
    )


def test_endless_cell_is_rejected():
    assert error_message(b'name,challenge\n"' + b"a" * 200_000 + b'",b\n') == (
        "The row that starts on line 2 has a cell that never ends."
    )


@pytest.mark.parametrize(
    "begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_formula_is_written_as_text(begin):
    assert csv_file.escape_formula(f"{begin}1+1") == f"'{begin}1+1"


@pytest.mark.parametrize("delimiter", [";", "\t", "\r", "\n", "\r\n"])
def test_formula_after_another_delimiter_is_written_as_text(delimiter):
    """Excel in German expects semicolons, and takes a cell with one apart."""
    assert csv_file.escape_formula(f"Ada{delimiter}=1+1") == f"Ada{delimiter}'=1+1"


def test_other_cells_are_written_unchanged():
    others = ("Ada-Lee", "a = b; c = d", "Ada\n\nLovelace", 7, None, "")
    assert [csv_file.escape_formula(cell) for cell in others] == [
        "Ada-Lee",
        "a = b; c = d",
        "Ada\n\nLovelace",
        "7",
        "",
        "",
    ]


def test_written_file_can_be_read_again():
    rows = [["name", "challenge"], ['Ada "the\nfirst", Müller', "word-count"]]
    content = b"".join(csv_file.write_csv(rows))
    assert content.startswith(b"\xef\xbb\xbf")
    assert cells(content) == rows[1:]


def test_instant_is_written_in_utc_with_its_zone():
    at = datetime(2026, 12, 1, 9, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    content = b"".join(csv_file.write_csv([["at"], [at]]))
    assert content.decode("utf-8-sig").splitlines() == ["at", "2026-12-01T00:30:00Z"]


def test_time_without_a_zone_is_no_instant():
    with pytest.raises(ValueError, match="without a zone"):
        csv_file.escape_formula(datetime(2026, 12, 1, 9, 30))  # noqa: DTZ001
