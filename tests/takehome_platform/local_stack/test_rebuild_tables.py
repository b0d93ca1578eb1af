"""Tables of an older version get their indexes, and lose no row."""

import json

import pytest
from pynamodb.models import Model

from interviews.models import Interview
from operations.management.commands.create_tables import TABLES
from takehome_platform.local_stack import rebuild_tables
from takehome_platform.local_stack.rebuild_tables import rebuild_tables as rebuild
from tests.conftest import fresh


@pytest.fixture
def old_table(take_home, monkeypatch):
    """The table as it was made before it had the index of what ended how."""
    row = fresh(take_home)
    Interview.delete_table()
    wanted = dict(Interview._indexes)
    missing = {name: index for name, index in wanted.items() if name != "KindIndex"}
    monkeypatch.setattr(Interview, "_indexes", missing)
    Interview.create_table()
    monkeypatch.setattr(Interview, "_indexes", wanted)
    row.kind = None
    row.save()
    return row


def indexes(model: type[Model]) -> set[str]:
    table = model._get_connection().describe_table()
    return {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}


def test_a_table_gets_the_index_and_keeps_its_rows(old_table, tmp_path):
    before = old_table.serialize()
    assert "KindIndex" not in indexes(Interview)
    rebuild(tmp_path)
    assert "KindIndex" in indexes(Interview)
    assert fresh(old_table).serialize() == before | {"kind": {"S": "take-home#available"}}
    assert list(tmp_path.glob("*.json")) == []


def test_a_start_that_was_cut_off_is_finished_by_the_next(old_table, tmp_path, monkeypatch):
    before = old_table.serialize()

    def killed(model, file):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rebuild_tables, "_restore_rows", killed)
        with pytest.raises(KeyboardInterrupt):
            rebuild(tmp_path)
    assert json.loads((tmp_path / "interviews.rows.json").read_text()) == [before]
    Interview.delete_table()
    rebuild(tmp_path)
    assert fresh(old_table).passcode == old_table.passcode


def test_tables_that_have_their_indexes_are_left_alone(take_home, tmp_path, monkeypatch):
    monkeypatch.setattr(Interview, "delete_table", lambda: pytest.fail("deleted"))
    rebuild(tmp_path)
    assert [model.exists() for model in TABLES] == [True] * len(TABLES)
