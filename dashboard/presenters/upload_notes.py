"""What the pages say about an upload that was saved."""

from collections.abc import Sequence

from interviews.challenges.upload_report import UploadReport
from interviews.challenges.zip_names import NameEncoding

# Names in a sentence; the rest is counted.
NAMED = 6


def upload_notes(report: UploadReport) -> list[str]:
    """Sentences on how names were read, what was left out and what was converted."""
    notes = []
    if report.name_encoding not in (None, NameEncoding.UTF_8):
        encoding = report.name_encoding
        notes.append(f"File names were read as {encoding.label} ({encoding}).")
    if report.left_out:
        notes.append(f"Left out: {_listed(report.left_out)}.")
    if report.empty_folders:
        notes.append(
            f"Empty folders aren't kept: {_listed(report.empty_folders)}. "
            "Put a file such as .gitkeep in a folder to keep it."
        )
    for was in dict.fromkeys(each.was for each in report.converted):
        paths = [each.path for each in report.converted if each.was == was]
        verb = "was" if len(paths) == 1 else "were"
        notes.append(f"{_listed(paths)} {verb} converted to plain UTF-8 from {was}.")
    return notes


def _listed(names: Sequence[str]) -> str:
    """The first names and the number of the others."""
    shown = ", ".join(names[:NAMED])
    rest = len(names) - NAMED
    return f"{shown} and {rest:,} more" if rest > 0 else shown
