"""How much is stored about a candidate, or was deleted, by kind."""

from dataclasses import astuple, dataclass, fields


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
    old_rows: int = 0

    def __add__(self, other: "Inventory") -> "Inventory":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Inventory(*(mine + theirs for mine, theirs in pairs))

    def __bool__(self) -> bool:
        return any(astuple(self))

    def in_words(self) -> str:
        """Such as "3 interviews, 4 archives, 1 e-mail", or "nothing"."""
        counts = ((getattr(self, field.name), NOUNS[field.name]) for field in fields(self))
        return ", ".join(f"{n:,} {noun[n != 1]}" for n, noun in counts if n) or "nothing"


NOUNS = {
    "interviews": ("interview", "interviews"),
    "archives": ("archive", "archives"),
    "operations": ("operation", "operations"),
    "log_lines": ("log line", "log lines"),
    "search_terms": ("search term", "search terms"),
    "emails": ("e-mail", "e-mails"),
    "import_rows": ("bulk invite row", "bulk invite rows"),
    "webhook_messages": ("webhook message", "webhook messages"),
    "old_rows": ("row of the earlier portal", "rows of the earlier portal"),
}
