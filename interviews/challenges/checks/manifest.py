"""`.checks/checks.toml`: which checks a version of a challenge has, and how each is run."""

import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from interviews.schemas.fields import Text, WholeNumber
from interviews.schemas.validation_messages import validation_message
from interviews.schemas.validators import required

FOLDER = ".checks"
MANIFEST = f"{FOLDER}/checks.toml"
SOLUTION = f"{FOLDER}/solution"

MAX_CHECKS = 12
MAX_NAME = 80
MAX_COMMAND = 1_000
MAX_CANDIDATE_COMMAND = 300
# The environment variable with the path that a report is written to.
REPORT_VARIABLE = "CHECK_REPORT"
MAX_RESTORED = 100
MAX_MANIFEST_BYTES = 64 * 1024
DEFAULT_SECONDS, MAX_SECONDS = 60, 1_800
DEFAULT_MEMORY_MB, MIN_MEMORY_MB, MAX_MEMORY_MB = 1_024, 64, 16_384


@dataclass(frozen=True)
class Check:
    """A command that is run on a submission, with files laid over it.

    `folder` is below FOLDER, and its files take the places of the submission's. `restored` are
    starting files, or folders of them, that are put back as candidates got them. `report` is where
    the command writes JUnit XML, a file or a folder in the submission; "" if it takes the path in
    $CHECK_REPORT. The limits are seconds of wall-clock time and MiB. `candidate_command` is what
    candidates run in their workspace for the same tests; "" if nothing.
    """

    name: str
    command: str
    folder: str | None = None
    restored: tuple[str, ...] = ()
    is_visible: bool = False
    candidate_command: str = ""
    report: str = ""
    seconds: int = DEFAULT_SECONDS
    memory_mb: int = DEFAULT_MEMORY_MB


@dataclass(frozen=True)
class CandidateCheck:
    """What candidates are told of a visible check, and nothing else of any."""

    name: str
    command: str


class InvalidChecksError(ValueError):
    """The manifest cannot be used; the message is a sentence that names the check and its field."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _require_path(path: str) -> str:
    parts = PurePosixPath(path).parts
    if path and (path.startswith("/") or ".." in parts or path != "/".join(parts)):
        raise ValueError(_("Enter a path in the challenge, such as tests/hidden."))
    return path


def _require_candidates_path(path: str) -> str:
    if path == FOLDER or path.startswith(f"{FOLDER}/"):
        raise ValueError(_("Candidates never get what is in %(folder)s.") % {"folder": FOLDER})
    return _require_path(path)


def _require_candidates_command(command: str) -> str:
    if not command.isprintable():
        raise ValueError(_("Use one line without invisible characters."))
    if FOLDER in command:
        raise ValueError(_("Candidates never get what is in %(folder)s.") % {"folder": FOLDER})
    if REPORT_VARIABLE in command:
        raise ValueError(_("Candidates have no %(name)s.") % {"name": f"${REPORT_VARIABLE}"})
    return command


ChallengePath = Annotated[Text, AfterValidator(_require_path), Field(max_length=500)]
CandidatesPath = Annotated[Text, AfterValidator(_require_candidates_path), Field(max_length=500)]


class CheckRules(BaseModel):
    """A check as the manifest has it."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        Text,
        AfterValidator(_one_line),
        required(gettext_lazy("Enter a name.")),
        Field(min_length=1, max_length=MAX_NAME),
    ]
    command: Annotated[
        Text,
        required(gettext_lazy("Enter the command that runs the check.")),
        Field(min_length=1, max_length=MAX_COMMAND),
    ]
    folder: ChallengePath | None = None
    restore: Annotated[list[CandidatesPath], Field(max_length=MAX_RESTORED)] = []
    visible: bool = False
    candidate_command: Annotated[
        Text, AfterValidator(_require_candidates_command), Field(max_length=MAX_CANDIDATE_COMMAND)
    ] = ""
    report: CandidatesPath = ""
    seconds: Annotated[WholeNumber, Field(ge=1, le=MAX_SECONDS)] = DEFAULT_SECONDS
    memory_mb: Annotated[WholeNumber, Field(ge=MIN_MEMORY_MB, le=MAX_MEMORY_MB)] = DEFAULT_MEMORY_MB

    @property
    def check(self) -> Check:
        return Check(
            name=self.name,
            command=self.command,
            folder=self.folder or None,
            restored=tuple(self.restore),
            is_visible=self.visible,
            candidate_command=self.candidate_command,
            report=self.report,
            seconds=self.seconds,
            memory_mb=self.memory_mb,
        )


_ADAPTER: TypeAdapter[list[CheckRules]] = TypeAdapter(
    Annotated[list[CheckRules], Field(min_length=1, max_length=MAX_CHECKS)]
)


def has_checks(paths: Collection[str]) -> bool:
    """Whether these are the files of a challenge with checks.

    A challenge that had a folder of this name before there were checks has no manifest in it, and
    its candidates get it as before.
    """
    return MANIFEST in paths


def is_kept_from_candidates(path: str) -> bool:
    return path.startswith(f"{FOLDER}/")


def parse_manifest(content: bytes, paths: Collection[str]) -> tuple[Check, ...]:
    """Return the checks of a manifest, in their order. `paths` are all files of the challenge.

    Raises:
        InvalidChecksError: if one is invalid, or names files that are not there.
    """
    if len(content) > MAX_MANIFEST_BYTES:
        raise _invalid(_("It is larger than %(limit)s KB.") % {"limit": MAX_MANIFEST_BYTES // 1024})
    try:
        data = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise _invalid(_("It isn't valid TOML: %(reason)s") % {"reason": error}) from None
    unknown = sorted(data.keys() - {"checks"})
    if unknown:
        raise _invalid(_("“%(field)s” isn't a field of it.") % {"field": unknown[0][:MAX_NAME]})
    try:
        rules = _ADAPTER.validate_python(data.get("checks", []))
    except ValidationError as error:
        raise _invalid(_first_message(error)) from None
    checks = tuple(each.check for each in rules)
    _require_consistency(checks, paths)
    return checks


def _first_message(error: ValidationError) -> str:
    first = error.errors()[0]
    place = first["loc"]
    if not place:
        return _("Enter 1 to %(limit)s tables named [[checks]].") % {"limit": MAX_CHECKS}
    message = validation_message(dict(first))
    field = ".".join(str(part) for part in place[1:])
    if first["type"] == "extra_forbidden":
        message = _("There's no such field.")
    number = int(place[0]) + 1
    if not field:
        return _("Check %(number)s: %(message)s") % {"number": number, "message": message}
    values = {"number": number, "field": field, "message": message}
    return _("Check %(number)s, %(field)s: %(message)s") % values


def candidate_checks(checks: Sequence[Check]) -> tuple[CandidateCheck, ...]:
    """Return those that candidates are told how to run."""
    return tuple(
        CandidateCheck(check.name, check.candidate_command)
        for check in checks
        if check.is_visible and check.candidate_command
    )


def _require_consistency(checks: Sequence[Check], paths: Collection[str]) -> None:
    names: set[str] = set()
    for number, check in enumerate(checks, start=1):
        if check.name.casefold() in names:
            raise _invalid(_("“%(name)s” is there twice. Use each name once.") % vars(check))
        names.add(check.name.casefold())
        if check.candidate_command and not check.is_visible:
            raise _wrong_field(
                number, "candidate_command", _("Only a check with visible = true has it.")
            )
        if check.folder and not _has_files(f"{FOLDER}/{check.folder}", paths, only_folders=True):
            raise _wrong_field(
                number, "folder", _("There's no file in %(path)s.") % {"path": check.folder}
            )
        for path in check.restored:
            if not _has_files(path, paths):
                raise _wrong_field(
                    number, "restore", _("There's no file %(path)s.") % {"path": path}
                )


def _has_files(path: str, paths: Collection[str], *, only_folders: bool = False) -> bool:
    return (not only_folders and path in paths) or any(
        each.startswith(f"{path}/") for each in paths
    )


def _wrong_field(number: int, field: str, message: str) -> InvalidChecksError:
    values = {"number": number, "field": field, "message": message}
    return _invalid(_("Check %(number)s, %(field)s: %(message)s") % values)


def _invalid(message: str) -> InvalidChecksError:
    return InvalidChecksError(f"{MANIFEST}: {message}")
