"""What the row of an interview stores, and what follows from it; `interviews.models` writes it."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import urlsplit

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.models import Model

from interviews.dynamodb import MapListAttribute, TimeAttribute, split_readable
from interviews.dynamodb.rows import quick_attributes, read_row
from interviews.indexes import EarlierArchive, EarlierSitting, NotSavedEntry, TimelineEntry
from interviews.lifecycle import Status

TAKE_HOME = "take-home"
# The stored value, the API and the URLs of earlier versions say "regular".
LIVE = "regular"
# Staff opens a workspace to try a challenge; only the challenge's own page lists it.
DRY_RUN = "dry-run"
# A candidate tries a workspace before the start (`operations.practice`); no list shows it.
PRACTICE = "practice"
STATUSES = {each.value: each for each in Status}


@quick_attributes
class InterviewAttributes(Model):
    """The attributes of an interview. Times are aware UTC datetimes in whole seconds."""

    id = UnicodeAttribute(hash_key=True)
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    # Keys of the indexes, derived from type and status (`interviews.derived_keys`).
    list_key = UnicodeAttribute(attr_name="tab")
    type_status_key = UnicodeAttribute(attr_name="kind", null=True)
    candidate_name = UnicodeAttribute(attr_name="candidateName")
    candidate_email = UnicodeAttribute(attr_name="candidateEmail", null=True)
    challenge = UnicodeAttribute()
    # None on rows older than challenge versions: the current version is used.
    challenge_version = NumberAttribute(attr_name="challengeVersion", null=True)
    custom_instructions = UnicodeAttribute(attr_name="customInstructions", default="")
    duration_minutes = NumberAttribute(attr_name="durationMinutes")
    # Extra time for accessibility, in percent of the duration.
    allowance_percent = NumberAttribute(attr_name="allowancePercent", null=True)
    # Added by staff before or during the test; may be negative.
    extra_seconds = NumberAttribute(attr_name="extraSeconds", null=True)
    save_files = BooleanAttribute(attr_name="saveFiles", default=True)
    created_by = UnicodeAttribute(attr_name="createdBy", null=True)
    # Digest of the creating request, to tell a repeat of it from a different request.
    request_digest = UnicodeAttribute(attr_name="requestDigest", null=True)
    timeline = MapListAttribute(of=TimelineEntry, default=list)

    passcode = UnicodeAttribute(null=True)
    valid_until = TimeAttribute(attr_name="validUntil", null=True)
    scheduled_at = TimeAttribute(attr_name="scheduledAt", null=True)
    # What staff said: a local time such as "2026-12-15T10:00", and its time zone, in which
    # candidates are told the time. Newer zone data may give the local time another instant.
    scheduled_local = UnicodeAttribute(attr_name="scheduledLocal", null=True)
    time_zone = UnicodeAttribute(attr_name="timeZone", null=True)
    # The instant that this server's zone data gave the local time, if staff meant another one.
    declined_reading = TimeAttribute(attr_name="declinedReading", null=True)
    # Email addresses of those who hold a live interview; None if nobody was named.
    interviewers = ListAttribute(of=UnicodeAttribute, null=True)
    # The newest zone data, such as "2026f", whose other reading staff was written about.
    zone_notice = UnicodeAttribute(attr_name="zoneNotice", null=True)

    # What the candidate confirmed before the start (`interviews.challenges.policy`), as it stood
    # then, and when. None if the challenge said nothing, or another person started it.
    confirmed_policy = JSONAttribute(attr_name="confirmedPolicy", null=True)
    policy_confirmed_at = TimeAttribute(attr_name="policyConfirmedAt", null=True)

    created_at = TimeAttribute(attr_name="createdAt")
    updated_at = TimeAttribute(attr_name="updatedAt", null=True)
    activated_at = TimeAttribute(attr_name="activatedAt", null=True)
    ready_at = TimeAttribute(attr_name="readyAt", null=True)
    auto_destroy_at = TimeAttribute(attr_name="autoDestroyAt", null=True)
    due_at = TimeAttribute(attr_name="dueAt", null=True)
    completed_at = TimeAttribute(attr_name="completedAt", null=True)
    destroyed_at = TimeAttribute(attr_name="destroyedAt", null=True)
    ttl = TimeAttribute(null=True)

    # Random id of the last write: a writer that lost the response checks whether it succeeded.
    write_id = UnicodeAttribute(attr_name="writeId", null=True)
    # Counts changes to the time, so that a write based on an outdated time fails.
    time_changes = NumberAttribute(attr_name="timeChanges", null=True)
    # The newest of these changes that the candidate's page has shown.
    time_changes_seen = NumberAttribute(attr_name="timeChangesSeen", null=True)
    # When the candidate's page was first opened in a browser; None on rows of before.
    opened_at = TimeAttribute(attr_name="openedAt", null=True)
    # When the workspace last passed its health check, accurate to about 20 seconds.
    last_healthy_at = TimeAttribute(attr_name="answeredAt", null=True)
    # When the files of this running test were looked at last (`operations.progress`).
    kept_at = TimeAttribute(attr_name="keptAt", null=True)
    # The number of the kept state with which a lost workspace is being started again.
    restoring_state = NumberAttribute(attr_name="restoringState", null=True)
    # Since when the clock is paused, and how many seconds were left then.
    paused_at = TimeAttribute(attr_name="pausedAt", null=True)
    paused_left = NumberAttribute(attr_name="pausedLeft", null=True)
    # When the pause ends at the latest.
    pause_ends_at = TimeAttribute(attr_name="pauseEndsAt", null=True)
    # How often it was reopened after its end, and for how many minutes the last time.
    reopened = NumberAttribute(null=True)
    reopened_minutes = NumberAttribute(attr_name="reopenedMinutes", null=True)
    # The sittings before the current one (`interviews.sittings`), oldest first. A row that was
    # reopened before this attribute existed lacks some of them.
    sittings = MapListAttribute(of=EarlierSitting, default=list)

    # OUTBOX_PENDING until the newest status is relayed, and how many timeline events were.
    outbox = UnicodeAttribute(null=True)
    outbox_done = NumberAttribute(attr_name="outboxDone", null=True)

    # The only operation that may act on the workspace; any other is outdated.
    operation_id = UnicodeAttribute(attr_name="operationId", null=True)
    attempts = NumberAttribute(default=0)
    provisioner = UnicodeAttribute(null=True)
    workspace_state = JSONAttribute(attr_name="workspaceState", null=True)
    access_url = UnicodeAttribute(attr_name="accessUrl", null=True)
    # How many machines with a workspace of this interview were down for so long that it was started
    # elsewhere, or ended without them.
    machines_lost = NumberAttribute(attr_name="machinesLost", null=True)
    password = UnicodeAttribute(null=True)
    # The workspace of a running test does not respond and is being restarted.
    restarting = BooleanAttribute(null=True)
    failed_step = UnicodeAttribute(attr_name="failedStep", null=True)
    problem = UnicodeAttribute(null=True)

    # Of a practice workspace: the interview before whose start it is, and its candidate's language.
    practice_of = UnicodeAttribute(attr_name="practiceOf", null=True)
    practice_language = UnicodeAttribute(attr_name="practiceLanguage", null=True)

    end_reason = UnicodeAttribute(attr_name="endReason", null=True)
    history_s3_key = UnicodeAttribute(attr_name="historyS3Key", null=True)
    archive_bytes = NumberAttribute(attr_name="archiveBytes", null=True)
    archive_sha256 = UnicodeAttribute(attr_name="archiveSha256", null=True)
    # What this archive does not have: the first entries, and how many there are in all.
    not_saved = MapListAttribute(attr_name="notSaved", of=NotSavedEntry, null=True)
    not_saved_count = NumberAttribute(attr_name="notSavedCount", null=True)
    # `reopened` when this archive was saved, and the archives of earlier sittings.
    archive_at = TimeAttribute(attr_name="archiveAt", null=True)
    archive_of = NumberAttribute(attr_name="archiveOf", null=True)
    earlier_archives = MapListAttribute(
        attr_name="earlierArchives", of=EarlierArchive, default=list
    )

    # What the candidate thought of it, once it was over: 1 (bad) to 5 (good), and in words. One of
    # them may be missing; `feedback_at` is when they sent it last.
    feedback_rating = NumberAttribute(attr_name="feedbackRating", null=True)
    feedback_text = UnicodeAttribute(attr_name="feedbackText", null=True)
    feedback_at = TimeAttribute(attr_name="feedbackAt", null=True)

    # Attributes of a legacy row that only the old portal understands, as they were stored.
    legacy_attributes = JSONAttribute(attr_name="legacyAttributes", null=True)
    # Attributes of a legacy row that cannot be read, by stored name, as they were stored.
    unreadable_attributes: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        if "tab" in data:
            return read_row(cls, data)
        if data.keys() == {"id"}:
            # Of an index. To look for every attribute takes five times as long, of 1,000 rows a
            # twelfth of a second.
            found = cls(_user_instantiated=False)
            found.id = data["id"]["S"]
            return found
        # Another version wrote it, or the query projected only some attributes.
        good, unreadable = split_readable(cls, data)
        row = read_row(cls, good)
        row.unreadable_attributes = unreadable
        return row

    def __repr__(self) -> str:
        # The default shows every attribute, and a traceback would show the password.
        return f"<Interview {self.id} {self.status}>"

    @property
    def state(self) -> Status:
        # A third of the time of a call of Status, which pages make by the hundred.
        return STATUSES.get(self.status) or Status(self.status)

    @property
    def is_take_home(self) -> bool:
        return self.type == TAKE_HOME

    @property
    def interviewer_addresses(self) -> list[str]:
        """The email addresses of those who hold it; empty on rows that name nobody."""
        return list(map(str, self.interviewers or ()))

    @property
    def workspace_link(self) -> str | None:
        """The workspace's URL, if it is one: a row of an earlier portal may hold anything."""
        url: str | None = self.access_url
        return url if url and _is_web_address(url) else None

    @property
    def workspace_name(self) -> str:
        """The workspace of this sitting; a late worker of an earlier one cannot touch it."""
        return self._workspace_after(int(self.machines_lost or 0))

    @property
    def next_workspace_name(self) -> str:
        """The workspace that it has once it leaves a machine that is down."""
        return self._workspace_after(int(self.machines_lost or 0) + 1)

    def _workspace_after(self, machines_lost: int) -> str:
        sitting = f"{self.id}-{int(self.reopened) + 1}" if self.reopened else self.id
        return f"{sitting}-m{machines_lost}" if machines_lost else sitting

    @property
    def has_left_machine(self) -> bool:
        """Whether it left a machine that was down, and has no other workspace yet: no candidate has
        worked in what there may be under its new name."""
        is_restoring = self.restoring_state is not None
        return bool(self.machines_lost) and is_restoring and self.workspace_state is None

    @property
    def noun(self) -> str:
        """The word for it on pages and in emails."""
        return "interview" if self.type == LIVE else "test"

    @property
    def is_saved(self) -> bool:
        """True if the files of this sitting are in the archive store."""
        is_of_this_sitting = int(self.archive_of or 0) == int(self.reopened or 0)
        return self.history_s3_key is not None and is_of_this_sitting

    @property
    def is_dry_run(self) -> bool:
        return self.type == DRY_RUN

    @property
    def is_practice(self) -> bool:
        return self.type == PRACTICE

    @property
    def length(self) -> timedelta:
        """The candidate's time from when the workspace is ready."""
        given = self.invited_length
        if self.reopened_minutes is not None:
            given = timedelta(minutes=int(self.reopened_minutes))
        return given + timedelta(seconds=int(self.extra_seconds or 0))

    @property
    def invited_length(self) -> timedelta:
        """The duration with its allowance, rounded up to whole minutes: that of the first sitting,
        unless staff changed it."""
        return invited_length(self.duration_minutes, self.allowance_percent)


def _is_web_address(url: str) -> bool:
    if not url.lower().startswith(("http://", "https://")):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def invited_length(minutes: float, allowance_percent: float | None) -> timedelta:
    """Return the duration with its allowance, rounded up to whole minutes."""
    percent = 100 + int(allowance_percent or 0)
    return timedelta(minutes=-(-int(minutes) * percent // 100))
