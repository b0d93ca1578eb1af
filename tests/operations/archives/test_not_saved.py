"""What an archive does not have is in the row, the log, and the archives of a reopened test."""

import pytest

from operations import actions, operation_log, retention
from operations.archives import not_saved
from operations.provisioners.base import NotSaved, NotSavedReason
from tests.conftest import fresh, operation_of, run_until_idle

MODULES = NotSaved("web/node_modules", NotSavedReason.REGENERABLE, 12_345, 220_600_000)
CACHE = NotSaved(".cache", NotSavedReason.REGENERABLE, 1, 10)
DEEP = NotSaved("deep", NotSavedReason.UNREADABLE)


def entries(row):
    return [
        (each.path, each.reason, each.files, each.bytes) for each in row.not_saved or []
    ], row.not_saved_count


@pytest.fixture
def ended(running, engine):
    engine.not_saved = [CACHE, MODULES, DEEP]
    actions.submit(running, by="candidate")
    return run_until_idle(running)


def test_row_lists_unreadable_files_and_then_the_largest_folders(ended):
    assert entries(fresh(ended)) == (
        [
            ("deep", "unreadable", None, None),
            ("web/node_modules", "regenerable", 12_345, 220_600_000),
            (".cache", "regenerable", 1, 10),
        ],
        3,
    )


def test_log_says_what_was_not_saved(ended):
    lines = [line.message for line in operation_log.read_lines(operation_of(ended).id)]
    start = next(place for place, line in enumerate(lines) if line.startswith("Saved and verified"))
    assert lines[start + 1 : start + 3] == [
        "Not saved, as it couldn't be read completely: deep.",
        "Not saved, as it can be regenerated: web/node_modules (12,345 files, 210.4 MB), "
        ".cache (1 file, 10 B).",
    ]


def test_nothing_is_said_if_everything_was_saved(running, engine):
    actions.submit(running, by="candidate")
    row = run_until_idle(running)
    assert entries(row) == ([], None)
    lines = [line.message for line in operation_log.read_lines(operation_of(row).id)]
    assert not any(line.startswith(("Not saved",)) for line in lines)


def test_engine_is_told_the_paths_of_the_version(ended, engine):
    assert engine.starting_paths == [{"README.md", "count.py"}]


def test_each_archive_of_a_reopened_test_has_its_own_list(ended, engine):
    actions.reopen(ended, 20, by="recruiter")
    run_until_idle(ended)
    engine.not_saved = [CACHE]
    actions.submit(fresh(ended), by="candidate")
    row = run_until_idle(ended)
    assert entries(row) == ([(".cache", "regenerable", 1, 10)], 1)
    first, count = entries(row.earlier_archives[0])
    assert ([each[0] for each in first], count) == (["deep", "web/node_modules", ".cache"], 3)
    retention._withdraw_archives(row)
    assert entries(fresh(row)) == ([], None)
    assert [entries(each)[1] for each in fresh(row).earlier_archives] == [3, 1]


def test_row_has_the_first_entries_and_their_number():
    folders = [NotSaved(f"{n}/.cache", NotSavedReason.REGENERABLE, 1, n) for n in range(50)]
    changes = not_saved.row_changes(folders)
    assert [each.bytes for each in changes["not_saved"]] == list(range(49, 39, -1))
    assert changes["not_saved_count"] == 50
    [line] = not_saved.log_lines(folders)
    assert line.endswith("45/.cache (1 file, 45 B) and 45 more.")


def test_any_path_can_be_stored_and_shown():
    odd = NotSaved("\udcff\n\u202e" + "x" * 500, NotSavedReason.UNREADABLE)
    [stored] = not_saved.row_changes([odd])["not_saved"]
    assert stored.path == "\\udcff??" + "x" * 139 + "…"


def test_long_path_is_cut_between_characters():
    long = NotSaved("a" + "é" * 100, NotSavedReason.UNREADABLE)
    [stored] = not_saved.row_changes([long])["not_saved"]
    assert stored.path == "a" + "é" * 73 + "…"
