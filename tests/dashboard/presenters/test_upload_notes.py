"""What the pages say about an upload."""

from dashboard.presenters.upload_notes import upload_notes
from interviews.challenges.upload_report import Converted, UploadReport


def test_files_that_were_converted_are_counted_and_not_all_named() -> None:
    """Each note is a message on the next page, and an upload may have thousands of such files."""
    mark, utf_16 = "UTF-8 with a byte order mark", "UTF-16"
    converted = [Converted(f"{n}/package.json", mark) for n in range(2000)]
    report = UploadReport(converted=[*converted, Converted("README.md", utf_16)])
    assert upload_notes(report) == [
        "0/package.json, 1/package.json, 2/package.json, 3/package.json, 4/package.json, "
        f"5/package.json and 1,994 more were converted to plain UTF-8 from {mark}.",
        f"README.md was converted to plain UTF-8 from {utf_16}.",
    ]
