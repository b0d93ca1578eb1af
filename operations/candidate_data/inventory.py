"""How much is stored about a candidate, or was deleted, by kind."""

from dataclasses import astuple, dataclass, fields
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy, override


@dataclass(frozen=True)
class Inventory:
    """The number of records of each kind; the docs list where each kind is stored."""

    interviews: int = 0
    archives: int = 0
    operations: int = 0
    log_lines: int = 0
    search_terms: int = 0
    emails: int = 0
    import_rows: int = 0
    webhook_messages: int = 0
    reviews: int = 0
    decisions: int = 0
    progress_states: int = 0
    check_runs: int = 0
    old_rows: int = 0

    def __add__(self, other: "Inventory") -> "Inventory":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Inventory(*(mine + theirs for mine, theirs in pairs))

    def __bool__(self) -> bool:
        return any(astuple(self))

    def in_words(self) -> str:
        """Such as "3 interviews, 4 archives, 1 email", or "nothing"; in the reader's language."""
        counts = ((getattr(self, field.name), NOUNS[field.name]) for field in fields(self))
        words = (
            noun % {"number": n, "count": number_format(n, force_grouping=True)}
            for n, noun in counts
            if n
        )
        return ", ".join(words) or _("nothing")

    def in_english(self) -> str:
        """The same for what is stored, and for commands."""
        with override("en"):
            return self.in_words()


# `number` decides on the plural, and `count` is the same with its thousands apart.
NOUNS: dict[str, Any] = {
    "interviews": ngettext_lazy("%(count)s interview", "%(count)s interviews", "number"),
    "archives": ngettext_lazy(
        "%(count)s archive of saved files", "%(count)s archives of saved files", "number"
    ),
    "operations": ngettext_lazy(
        "%(count)s start or stop of a workspace",
        "%(count)s starts or stops of workspaces",
        "number",
    ),
    "log_lines": ngettext_lazy(
        "%(count)s line of activity logs", "%(count)s lines of activity logs", "number"
    ),
    "search_terms": ngettext_lazy(
        "%(count)s entry in the search", "%(count)s entries in the search", "number"
    ),
    "emails": ngettext_lazy("%(count)s email", "%(count)s emails", "number"),
    "import_rows": ngettext_lazy(
        "%(count)s row of bulk invites", "%(count)s rows of bulk invites", "number"
    ),
    "webhook_messages": ngettext_lazy(
        "%(count)s webhook message", "%(count)s webhook messages", "number"
    ),
    "reviews": ngettext_lazy("%(count)s review", "%(count)s reviews", "number"),
    "decisions": ngettext_lazy("%(count)s decision", "%(count)s decisions", "number"),
    "progress_states": ngettext_lazy(
        "%(count)s kept state of progress", "%(count)s kept states of progress", "number"
    ),
    "check_runs": ngettext_lazy("%(count)s run of checks", "%(count)s runs of checks", "number"),
    "old_rows": ngettext_lazy(
        "%(count)s record of the earlier portal",
        "%(count)s records of the earlier portal",
        "number",
    ),
}
