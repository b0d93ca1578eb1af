"""Tables of an older version get the missing indexes and keep their rows."""

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
    """The table of a version before KindIndex, with one row."""
    row = fresh(take_home)
    Interview.delete_table()
    indexes = dict(Interview._indexes)
    missing = {name: index for name, index in indexes.items() if name != "KindIndex"}
    monkeypatch.setattr(Interview, "_indexes", missing)
    Interview.create_table()
    monkeypatch.setattr(Interview, "_indexes", indexes)
    row.type_status_key = None
    row.save()
    return row


def index_names(model: type[Model]) -> set[str]:
    table = model._get_connection().describe_table()
    return {index["IndexName"] for index in table["GlobalSecondaryIndexes"]}


def test_a_table_gets_the_index_and_keeps_its_rows(old_table, tmp_path):
    before = old_table.serialize()
    assert "KindIndex" not in index_names(Interview)
    rebuild(tmp_path)
    assert "KindIndex" in index_names(Interview)
    assert fresh(old_table).serialize() == before | {"kind": {"S": "take-home#available"}}
    assert list(tmp_path.glob("*.json")) == []


def test_interrupted_rebuild_is_finished_by_the_next_start(old_table, tmp_path, monkeypatch):
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


def test_table_with_all_indexes_is_left_alone(take_home, tmp_path, monkeypatch):
    monkeypatch.setattr(Interview, "delete_table", lambda: pytest.fail("deleted"))
    rebuild(tmp_path)
    assert [model.exists() for model in TABLES] == [True] * len(TABLES)
