"""What an e-mail about a change is about, in one sentence."""

from interviews.models import Interview
from interviews.timeline import TimelineEvent
from operations.mail.models import Message, MessageKind, MessageStatus

# Why a message was skipped: the one after it is about its change as well.
REPLACED = "A newer e-mail replaced it."

Parts = tuple[tuple[set[str], str, str], ...]

# Each part with the stored names of its attributes, its name in a list, and the sentence about it
# alone. In the order in which a list has them.
TAKE_HOME_PARTS: Parts = (
    ({"validUntil"}, "deadline", "The deadline to start your take-home test has changed"),
    (
        {"durationMinutes", "allowancePercent"},
        "time limit",
        "The time limit of your take-home test has changed",
    ),
    ({"challenge"}, "task", "The task of your take-home test has changed"),
)
LIVE_PARTS: Parts = (
    ({"scheduledAt"}, "time", "Your interview was moved to a new time"),
    ({"durationMinutes"}, "length", "The length of your interview has changed"),
    ({"timeZone"}, "time zone", "The time zone of your interview has changed"),
)
INTERVIEWER_PARTS: Parts = (
    ({"scheduledAt"}, "time", "The interview was moved to a new time"),
    ({"durationMinutes"}, "length", "The length of the interview has changed"),
    ({"timeZone"}, "time zone", "The time zone of the interview has changed"),
    ({"challenge"}, "challenge", "The challenge of the interview has changed"),
    ({"candidateName"}, "candidate's name", "The candidate's name has changed"),
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
    replaced = messages.filter(state=MessageStatus.SKIPPED, error=REPLACED)
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
        parts, whose = INTERVIEWER_PARTS, "the interview"
    elif interview.is_take_home:
        parts, whose = TAKE_HOME_PARTS, "your take-home test"
    else:
        parts, whose = LIVE_PARTS, "your interview"
    changed = [(name, sentence) for attributes, name, sentence in parts if attributes & names]
    if not changed:
        return f"{whose[0].upper()}{whose[1:]} has changed"
    if len(changed) == 1:
        return changed[0][1]
    *most, last = [name for name, _ in changed]
    return f"The {', '.join(most)} and {last} of {whose} have changed"
