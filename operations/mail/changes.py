"""What an e-mail about a change is about, in one sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.mail.models import Message, MessageKind, MessageStatus

# Why a message was skipped: the one after it is about its change as well.
REPLACED = "A newer email replaced it."
# As earlier versions stored it.
ALSO_REPLACED = "A newer e-mail replaced it."

Parts = tuple[tuple[set[str], Promise, Promise], ...]

# Each part with the stored names of its attributes, its name in a list, and the sentence about it
# alone. In the order in which a list has them.
TAKE_HOME_PARTS: Parts = (
    (
        {"validUntil"},
        gettext_lazy("deadline"),
        gettext_lazy("The deadline to start your take-home test has changed"),
    ),
    (
        {"durationMinutes", "allowancePercent"},
        gettext_lazy("time limit"),
        gettext_lazy("The time limit of your take-home test has changed"),
    ),
    (
        {"challenge"},
        gettext_lazy("task"),
        gettext_lazy("The task of your take-home test has changed"),
    ),
)
LIVE_PARTS: Parts = (
    ({"scheduledAt"}, gettext_lazy("time"), gettext_lazy("Your interview was moved to a new time")),
    (
        {"durationMinutes"},
        gettext_lazy("length"),
        gettext_lazy("The length of your interview has changed"),
    ),
    (
        {"timeZone"},
        gettext_lazy("time zone"),
        gettext_lazy("The time zone of your interview has changed"),
    ),
)
INTERVIEWER_PARTS: Parts = (
    ({"scheduledAt"}, gettext_lazy("time"), gettext_lazy("The interview was moved to a new time")),
    (
        {"durationMinutes"},
        gettext_lazy("length"),
        gettext_lazy("The length of the interview has changed"),
    ),
    (
        {"timeZone"},
        gettext_lazy("time zone"),
        gettext_lazy("The time zone of the interview has changed"),
    ),
    (
        {"challenge"},
        gettext_lazy("challenge"),
        gettext_lazy("The challenge of the interview has changed"),
    ),
    (
        {"candidateName"},
        gettext_lazy("candidate's name"),
        gettext_lazy("The candidate's name has changed"),
    ),
)


def changed_attributes(interview: Interview, number: int, interviewer: str = "") -> set[str]:
    """Return the stored names of what changed since a person was last written to.

    That is the change at this position of the timeline, and those before it whose messages were
    replaced.
    """
    messages = Message.objects.filter(
        interview_id=interview.id,
        interviewer=interviewer,
        kind=MessageKind.CHANGED,
        number__lt=number,
    )
    written = messages.filter(state=MessageStatus.SENT).order_by("number").last()
    replaced = messages.filter(state=MessageStatus.SKIPPED, error__in=[REPLACED, ALSO_REPLACED])
    if written is not None:
        replaced = replaced.filter(number__gt=written.number)
    names: set[str] = set()
    for each in (*replaced.values_list("number", flat=True), number):
        if each < len(interview.timeline):
            change = interview.timeline[each]
            names |= {str(name) for name in change.changed or ()}
            if change.what == TimelineEvent.EXTENDED:
                names.add("durationMinutes")
    return names


def change_sentence(message: Message, interview: Interview) -> str:
    """Return for example "Your interview was moved to a new time".

    "" for an invitation, which a change of the candidate's address is to the new one.
    """
    if message.kind != MessageKind.CHANGED:
        return ""
    names = changed_attributes(interview, message.number, message.interviewer)
    if "candidateEmail" in names and not message.interviewer:
        return ""
    if message.interviewer:
        parts, whole = INTERVIEWER_PARTS, _("The interview has changed")
        several = _("The interview has changed: %(parts)s")
    elif interview.is_take_home:
        parts, whole = TAKE_HOME_PARTS, _("Your take-home test has changed")
        several = _("Your take-home test has changed: %(parts)s")
    else:
        parts, whole = LIVE_PARTS, _("Your interview has changed")
        several = _("Your interview has changed: %(parts)s")
    changed = [(name, sentence) for attributes, name, sentence in parts if attributes & names]
    if not changed:
        return whole
    if len(changed) == 1:
        return str(changed[0][1])
    return several % {"parts": ", ".join(str(name) for name, _sentence in changed)}


def is_removal(message: Message, interview: Interview) -> bool:
    """True if the message says that they are no longer an interviewer; the interview stays."""
    if not message.interviewer or message.kind != MessageKind.CANCELLED:
        return False
    events = interview.timeline
    return message.number < len(events) and events[message.number].what == TimelineEvent.EDITED
