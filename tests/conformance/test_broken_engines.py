"""A test of the rules: an engine that fails breaks those that it is named for, and no other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import fakes
from tests.conformance.breaking import files, lists, starts
from tests.conformance.memory import MemoryAdapter
from tests.conformance.rule import Outcome
from tests.conformance.rules import RULES
from tests.faults.engines import every_engine
from tests.faults.lifecycle.engine import FailsNowAndThen
from tests.memory_engine import FakeProvisioner

# A call that raises an error is repeated so often, as the platform does it for longer.
ATTEMPTS = 3
CANNOT_EXPORT = {"has_the_files", "stopped_is_exported"}


def released() -> fakes.BlocksProvision:
    engine = fakes.BlocksProvision()
    engine.release.set()
    return engine


def never_fails() -> FailsNowAndThen:
    return FailsNowAndThen(lambda name, act: act(), lambda name, files: None)


FAKES: dict[Callable[[], FakeProvisioner], set[str]] = {
    FakeProvisioner: set(),
    fakes.LogsThePassword: {"password_is_told_to_nobody"},
    fakes.NeverReady: {"becomes_ready"},
    fakes.AnswersLate: set(),
    fakes.Crowded: set(),
    fakes.DiesOnce: {"becomes_ready"},
    fakes.Moves: {
        "becomes_ready",
        "again_is_the_same",
        "concurrent_starts_make_one",
        "restart_keeps_address_and_files",
    },
    fakes.Quoting: {"returns_the_workspace", "password_is_told_to_nobody", "errors_are_sentences"},
    fakes.Broken: {"returns_the_workspace", "password_is_told_to_nobody"},
    fakes.CleanUpExplodes: {
        "returns_the_workspace",
        "password_is_told_to_nobody",
        "unknown_is_destroyed",
        "errors_are_sentences",
    },
    fakes.Exploding: {"returns_the_workspace", "errors_are_sentences"},
    fakes.CannotSave: CANNOT_EXPORT,
    fakes.CannotDestroy: {"removes_all_of_it", "unknown_is_destroyed"},
    fakes.Blind: {"becomes_ready", "unknown_is_not_ready"},
    fakes.CannotList: {"lists_each_once"},
    fakes.ListBreaksOff: {"lists_each_once"},
    # These wait for a test to tell them.
    fakes.Forgets: set(),
    fakes.OnMachines: set(),
    fakes.OnMachinesAnswersLate: set(),
    released: set(),
    never_fails: set(),
}

# Every call may fail with an error, and is repeated: that breaks no rule.
FAULTS: dict[str, set[str]] = {
    "fails at its first start": set(),
    "fails at its second start": set(),
    "raises what no engine should": {"errors_are_sentences"},
    "has a full disk at a start": {"errors_are_sentences"},
    "cannot be asked once": set(),
    "takes no deadline at first": set(),
    "fails at its first export": set(),
    "fails at its second export": set(),
    "has a full disk at an export": {"errors_are_sentences"},
    "fails at its first destroy": set(),
    "raises at a destroy": {"errors_are_sentences"},
    "starts and reports an error": set(),
    "exports and reports an error": set(),
    "destroys and reports an error": set(),
    "is gone when it ends": CANNOT_EXPORT,
    "refuses to destroy": {"removes_all_of_it", "unknown_is_destroyed"},
    "returns half an archive": CANNOT_EXPORT,
    "returns a damaged archive": CANNOT_EXPORT,
    "returns no archive": CANNOT_EXPORT,
    "answers for another": {"returns_the_workspace"},
    "is never ready": {"becomes_ready"},
}

BREAKING: dict[type[FakeProvisioner], set[str]] = {
    starts.WithoutAddress: {"returns_the_workspace", "long_names_are_apart"},
    starts.OneForEachWorker: {"concurrent_starts_make_one"},
    starts.NoExecuteBits: {"has_starting_files"},
    starts.GivesUpMachines: {"waits_for_its_machine"},
    starts.RestartsNothing: {"restart_needs_the_workspace", "removes_all_of_it"},
    starts.MixesInStartingFiles: {"archive_comes_first"},
    starts.Overwrites: {"existing_files_win"},
    starts.DoesNotKnowIt: {"unknown_is_not_ready"},
    starts.AlwaysReady: {"restart_keeps_address_and_files", "is_final"},
    starts.SaysWhyInCode: {"becomes_ready", "says_why_not"},
    starts.WaitsForDays: {"may_take_a_while"},
    starts.ClaimsToHidePrograms: {"isolates_as_it_says"},
    starts.ClaimsToKeepNeighboursApart: {"isolates_as_it_says"},
    starts.MovesAtARestart: {"restart_keeps_address_and_files"},
    starts.RefusesSignIns: {"nobody_is_refused_at_first"},
    files.ExportsWithoutModes: {"has_the_files"},
    files.NamesTheFolderFiles: {"has_the_files"},
    files.ExportsNothing: {"unknown_is_gone", "removes_all_of_it"},
    files.LeavesOutInSilence: {"leaves_out_what_tools_make"},
    files.ForgetsTheChallenge: {"saves_folders_of_the_challenge"},
    files.LeavesProgramsRunning: {"is_final"},
    files.StaysReady: {"is_final"},
    files.ExportsOnce: {"is_final"},
    files.ExportsWhatRuns: {"stopped_is_exported"},
    files.LooksWithoutContents: {"sees_all_files", "reads_what_changed"},
    files.ReadsAllAgain: {"reads_what_changed"},
    files.ReadsInOrder: {"known_files_come_last"},
    files.LooksBesides: {"sees_what_is_saved"},
    files.LooksAtNothing: {"nothing_to_look_at_is_an_error"},
    lists.ListsTwice: {"lists_each_once"},
    lists.ListsWithoutZone: {"lists_since_its_creation"},
    lists.ListsTheLastStart: {"lists_since_its_creation"},
    lists.ListsWhatRuns: {"lists_since_its_creation"},
    lists.ListsEverybodys: {"lists_no_other_platform"},
    lists.LeavesTheDisk: {"removes_all_of_it"},
    lists.DestroysOnlyWhatIs: {"removes_all_of_it", "unknown_is_destroyed"},
    starts.CutsNames: {"long_names_are_apart"},
    starts.RefusesLongNames: {"long_names_are_apart"},
    starts.KeepsThePassword: {"password_is_told_to_nobody"},
    starts.SilentAboutTheInternet: {"internet_is_blocked_or_it_says_so"},
    starts.EndsTooEarly: {"ends_as_told"},
    starts.EndsTooLate: {"ends_as_told"},
    starts.HasNoDeadlineForIt: {"unknown_takes_a_deadline"},
    starts.LongSteps: {"errors_are_sentences"},
}


def broken_by(make: Callable[[], FakeProvisioner], folder: Path) -> set[str]:
    return {
        name
        for name, rule in RULES.items()
        if rule.outcome(MemoryAdapter(folder, make, ATTEMPTS)) is Outcome.BROKEN
    }


@pytest.mark.parametrize("make", FAKES, ids=lambda make: make.__name__)
def test_fake_breaks_what_it_is_named_for(
    make: Callable[[], FakeProvisioner], tmp_path: Path
) -> None:
    assert broken_by(make, tmp_path) == FAKES[make]


@pytest.mark.parametrize("name", every_engine())
def test_failing_engine_breaks_what_it_is_named_for(name: str, tmp_path: Path) -> None:
    assert broken_by(every_engine()[name], tmp_path) == FAULTS[name]


@pytest.mark.parametrize("make", BREAKING, ids=lambda make: make.__name__)
def test_breaking_engine_breaks_what_it_is_named_for(
    make: type[FakeProvisioner], tmp_path: Path
) -> None:
    assert broken_by(make, tmp_path) == BREAKING[make]


def test_every_rule_can_be_broken() -> None:
    assert set().union(*BREAKING.values(), *FAKES.values()) == RULES.keys()
