"""What candidates may use: its rules, and its place in a version."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from interviews.challenges import library, versions
from interviews.challenges.models import Challenge, ChallengeDetails, Version
from interviews.challenges.policy import MAX_NOTE, Policy, Stance
from interviews.challenges.schemas import ChallengeRules
from interviews.management.commands.load_samples import load_challenge

POLICY = Policy(Stance.NOT_ALLOWED, Stance.ALLOWED, None, "Look things up, but write it yourself.")
ABOUT = ChallengeDetails(
    "Sum", "", "", 60, ai_assistants=POLICY.ai_assistants, internet=POLICY.internet,
    policy_note=POLICY.note,
)  # fmt: skip
FILES = {"README.md": b"# Sum"}


def test_lines_say_what_is_said_and_leave_out_the_rest() -> None:
    assert [line.words for line in POLICY.lines] == [
        "AI assistants: not allowed",
        "Internet: allowed",
    ]
    assert [POLICY.forbids(means) for means in ("ai_assistants", "internet", "libraries")] == [
        True,
        False,
        False,
    ]


def test_each_difference_gives_another_id() -> None:
    others = [
        replace(POLICY, ai_assistants=Stance.ALLOWED),
        replace(POLICY, internet=None),
        replace(POLICY, libraries=Stance.ALLOWED),
        replace(POLICY, note="Look things up."),
    ]
    assert len({each.id for each in (POLICY, *others)}) == 5
    assert replace(POLICY).id == POLICY.id


@pytest.mark.parametrize("stored", [None, {}, {"ai_assistants": "ask_first", "note": None}])
def test_what_is_not_known_says_nothing(stored: dict[str, Any] | None) -> None:
    assert Policy.from_stored(stored).is_empty
    assert Policy.from_stored(POLICY.stored()) == POLICY


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("aiAssistants", "maybe"),
        ("internet", True),
        ("libraries", "Allowed"),
        ("policyNote", "a" * (MAX_NOTE + 1)),
        ("policyNote", "a\x00b"),
    ],
)
def test_a_wrong_value_names_its_field(field: str, value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        ChallengeRules.model_validate({"name": "Sum", field: value})
    assert [error["loc"][0] for error in caught.value.errors()] == [field]


def test_blank_fields_of_a_form_say_nothing_and_a_note_is_one_line() -> None:
    blank = dict.fromkeys(("ai_assistants", "internet", "libraries", "policy_note"), "")
    assert ChallengeRules.model_validate({"name": "Sum", **blank}).policy.is_empty
    rules = ChallengeRules.model_validate({"name": "Sum", "policyNote": " One\r\n line "})
    assert rules.about.policy.note == "One line"


@pytest.mark.usefixtures("tables")
def test_it_is_part_of_a_version() -> None:
    versions.create_challenge("sum", ABOUT, FILES, by="ada")
    assert library.get_policy("sum", None) == POLICY
    assert versions.save_version("sum", ABOUT, FILES, base=1, by="ada").number == 1
    changed = replace(ABOUT, libraries=Stance.NOT_ALLOWED)
    assert versions.save_version("sum", changed, FILES, base=1, by="ada").number == 2
    assert library.get_policy("sum", 1) == POLICY
    assert library.get_policy("sum", None) == replace(POLICY, libraries=Stance.NOT_ALLOWED)


@pytest.mark.usefixtures("tables")
def test_that_of_a_version_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is not there yet is not remembered.
    assert library.get_policy("sum", 1).is_empty
    versions.create_challenge("sum", ABOUT, FILES, by="ada")
    assert library.get_policy("sum", 1) == POLICY
    monkeypatch.setattr(Version, "get", lambda *_, **__: pytest.fail("it was read again"))
    assert library.get_policy("sum", 1) == POLICY


@pytest.mark.usefixtures("tables")
def test_versions_and_challenges_of_before_say_nothing() -> None:
    versions.create_challenge("sum", ChallengeDetails("Sum", "", "", 60), FILES, by="ada")
    stored = Version.get("sum", 1).attribute_values
    assert not {"ai_assistants", "internet", "libraries", "policy_note"} & stored.keys()
    assert library.get_policy("sum", 1).is_empty
    Challenge("old", name="Old").save()
    for challenge_id, number in (("old", None), ("old", 1), ("none", None), ("sum", 7)):
        assert library.get_policy(challenge_id, number).is_empty


@pytest.mark.usefixtures("tables")
def test_a_challenge_folder_says_what_is_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "sum"
    folder.mkdir()
    (folder / "README.md").write_bytes(b"# Sum")
    lines = ['name = "Sum"', 'description = ""', 'language = ""', "duration_minutes = 60"]
    toml = folder / "challenge.toml"
    toml.write_text("\n".join([*lines, 'internet = "not_allowed"', 'policy_note = "No net."']))
    assert load_challenge(folder)
    assert library.get_policy("sum", None) == Policy(internet=Stance.NOT_ALLOWED, note="No net.")
    toml.write_text("\n".join([*lines, 'internet = "never"']))
    with pytest.raises(ValueError, match="internet"):
        load_challenge(folder)
