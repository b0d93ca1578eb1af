"""What the pages say about an upload that was saved."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interviews.challenges.upload_report import UploadReport
from interviews.challenges.zip_names import NameEncoding

# Names in a sentence; the rest is counted.
NAMED = 6


def upload_notes(report: UploadReport) -> list[str]:
    """Sentences on how names were read, what was left out and what was converted."""
    notes = []
    if report.name_encoding not in (None, NameEncoding.UTF_8):
        encoding = report.name_encoding
        notes.append(
            _("File names were read as %(language)s (%(encoding)s).")
            % {"language": encoding.label, "encoding": encoding}
        )
    if report.left_out:
        notes.append(_("Left out: %(names)s.") % {"names": _listed(report.left_out)})
    if report.empty_folders:
        notes.append(
            _(
                "Empty folders aren't kept: %(names)s. "
                "Put a file such as .gitkeep in a folder to keep it."
            )
            % {"names": _listed(report.empty_folders)}
        )
    for was in dict.fromkeys(each.was for each in report.converted):
        paths = [each.path for each in report.converted if each.was == was]
        note = ngettext(
            "%(names)s was converted to plain UTF-8 from %(encoding)s.",
            "%(names)s were converted to plain UTF-8 from %(encoding)s.",
            len(paths),
        )
        notes.append(note % {"names": _listed(paths), "encoding": was})
    return notes


def _listed(names: Sequence[str]) -> str:
    """The first names and the number of the others."""
    shown = ", ".join(names[:NAMED])
    rest = len(names) - NAMED
    if rest <= 0:
        return shown
    return _("%(names)s and %(number)s more") % {
        "names": shown,
        "number": number_format(rest, force_grouping=True),
    }
