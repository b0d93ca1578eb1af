"""Nothing of a challenge's checks gets into a workspace, an archive or a comparison."""

from interviews.challenges import library, versions
from interviews.challenges.checks.manifest import MANIFEST
from interviews.challenges.starting_files import StartingFiles
from interviews.lifecycle import EndReason
from operations import actions
from operations.submissions.starting import StartingVersion
from operations.worker import runner
from tests.conftest import fresh, run_until_idle

CHECKS = StartingFiles(
    {
        MANIFEST: b'[[checks]]\nname = "A"\ncommand = "true"\nfolder = "hidden"\n',
        ".checks/hidden/test_count.py": b"# hidden",
        ".checks/solution/count.py": b"# solved",
    }
)
GIVEN = {"README.md", "count.py"}


def test_nothing_of_the_checks_is_in_a_workspace(challenge, invite, engine) -> None:
    version = library.get_version(challenge.id, None)
    assert version is not None
    files = library.read_files(version) | CHECKS
    versions.save_version(challenge.id, version.about, files, base=1, by="ada")
    interview = invite()

    runner.run_operation(actions.activate(interview, by="candidate"))
    assert set(engine.specs[0].files) == GIVEN
    assert set(engine.disks[interview.id]) == GIVEN

    actions.end(fresh(interview), by="candidate", reason=EndReason.SUBMITTED)
    run_until_idle(interview)
    assert engine.starting_paths == [GIVEN]

    starting = StartingVersion.of(interview)
    assert starting is not None
    assert set(starting.files()) == {path.encode() for path in GIVEN}
    assert starting.content(b".checks/hidden/test_count.py") is None
    assert starting.content(b"count.py") == b"print(1)\n"
