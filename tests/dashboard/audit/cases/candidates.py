"""Emails, invitations from a file, and the data of candidates."""

from django.core.files.uploadedfile import SimpleUploadedFile

from operations.bulk_import import columns, csv_file, service
from operations.bulk_import.columns import Defaults
from operations.candidate_data import deletion, export, selection
from operations.mail import resend
from tests.dashboard.audit.cases.case import (
    API,
    CSV,
    PAGE,
    A,
    Case,
    Entry,
    api,
    import_csv,
    of_interview,
    of_target,
    page,
)

CASES = [
    Case(
        A.EXPORTED_CANDIDATE,
        "ended",
        {
            PAGE: lambda client, it: client.post("/candidate-data/export/", {"interview": it.id}),
            API: lambda client, it: client.post(
                "/api/candidate-data/export", {"interviewId": it.id}, "application/json"
            ),
        },
        export.export_candidate,
        lambda it: export.export_candidate(selection.find_by_interview(it)),
        of_interview(A.EXPORTED_CANDIDATE),
    ),
    Case(
        A.DELETED_CANDIDATE,
        "challenge",
        {
            PAGE: page("/candidate-data/delete/", email="nobody@example.com"),
            API: api("/api/candidate-data/delete", {"email": "nobody@example.com"}),
        },
        deletion.delete_candidate,
        lambda it: deletion.delete_candidate(
            selection.find_by_email("nobody@example.com"), by="ada"
        ),
        lambda it: Entry(A.DELETED_CANDIDATE, detail="nothing"),
    ),
    Case(
        A.SENT_MAIL,
        "addressed",
        {
            PAGE: page("/interviews/{it.id}/mail/"),
            API: api("/api/interviews/{it.id}/messages"),
        },
        resend.resend_invitation,
        lambda it: resend.resend_invitation(it, by="ada"),
        of_interview(A.SENT_MAIL),
    ),
    Case(
        A.SENT_MAIL,
        "addressed",
        {
            PAGE: lambda client, it: client.post(
                "/interviews/selected/remind/", {"id": it.id, "confirm": "yes"}
            ),
        },
        resend.send_reminder,
        lambda it: resend.send_reminder(it, by="ada"),
        of_interview(A.SENT_MAIL, "reminder"),
    ),
    Case(
        A.FILE_READ,
        "challenge",
        {
            PAGE: lambda client, it: client.post(
                "/invitations/",
                {"valid_days": "7", "file": SimpleUploadedFile("candidates.csv", CSV.encode())},
            ),
            API: lambda client, it: client.post(
                "/api/invitations/batch?dryRun=true&fileName=candidates.csv",
                CSV,
                content_type="text/csv",
            ),
        },
        service.import_file,
        lambda it: import_csv(),
        of_target(A.FILE_READ, "candidates.csv"),
    ),
    Case(
        A.FILE_READ,
        "challenge",
        {
            API: api(
                "/api/invitations/batch?dryRun=true&fileName=candidates.csv",
                {"rows": [{"candidateName": "Ada", "challenge": "word-count"}]},
            ),
        },
        service.import_table,
        lambda it: service.import_table(
            "candidates.csv",
            csv_file.parse_csv(CSV.encode(), columns.is_known),
            Defaults(),
            by="ada",
        ),
        of_target(A.FILE_READ, "candidates.csv"),
    ),
    Case(
        A.INVITED_MANY,
        "batch",
        {
            PAGE: page("/invitations/{it.pk}/invite/", choose="all", confirmed="yes"),
            API: api("/api/invitations/batch/{it.pk}/invite", {}),
        },
        service.queue_rows,
        lambda it: service.queue_rows(it, by="ada"),
        of_target(A.INVITED_MANY, "candidates.csv", "rows: 1"),
    ),
]
