"""Which files of a challenge's version candidates get, and which its checks lay over theirs."""

from django.utils.translation import gettext as _

from interviews.challenges.checks.manifest import (
    FOLDER,
    MANIFEST,
    SOLUTION,
    Check,
    InvalidChecksError,
    has_checks,
    is_kept_from_candidates,
    parse_manifest,
)
from interviews.challenges.starting_files import StartingFiles


def starting_files(files: StartingFiles) -> StartingFiles:
    """Return what candidates get: everything but the checks."""
    if not has_checks(files.keys()):
        return files
    return files.without([path for path in files if is_kept_from_candidates(path)])


def require_valid_checks(files: StartingFiles) -> None:
    """Check the manifest, if there are checks.

    Raises:
        InvalidChecksError: with a sentence for the user.
    """
    if any(is_kept_from_candidates(path) for path in files) and MANIFEST not in files:
        # Without it the hidden files would be given to candidates.
        raise InvalidChecksError(
            _("There's a folder %(folder)s, but no %(path)s. Add one.")
            % {"folder": FOLDER, "path": MANIFEST}
        )
    if MANIFEST in files:
        parse_manifest(files[MANIFEST], files.keys())


def checks_of(files: StartingFiles) -> tuple[Check, ...]:
    """Return the checks of a version, in their order.

    Raises:
        InvalidChecksError: if the manifest is invalid, as only one of before its rules can be.
    """
    return parse_manifest(files[MANIFEST], files.keys()) if MANIFEST in files else ()


def overlay_of(check: Check, files: StartingFiles) -> StartingFiles:
    """Return the files that the check lays over a submission, at their paths there."""
    restored = [
        path
        for path in starting_files(files)
        if any(path == each or path.startswith(f"{each}/") for each in check.restored)
    ]
    overlay = _only(files, restored)
    if check.folder:
        overlay |= _below(f"{FOLDER}/{check.folder}", files)
    return overlay


def solution_of(files: StartingFiles) -> StartingFiles | None:
    """Return the reference solution laid over the starting files, or None if there is none."""
    solution = _below(SOLUTION, files)
    return starting_files(files) | solution if solution else None


def _below(folder: str, files: StartingFiles) -> StartingFiles:
    prefix = f"{folder}/"
    return StartingFiles(
        {path[len(prefix) :]: text for path, text in files.items() if path.startswith(prefix)},
        [path[len(prefix) :] for path in files.executable if path.startswith(prefix)],
    )


def _only(files: StartingFiles, paths: list[str]) -> StartingFiles:
    return StartingFiles({path: files[path] for path in paths}, files.executable)
