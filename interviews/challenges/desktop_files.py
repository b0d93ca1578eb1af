"""Files that desktops and tools put beside a person's own, and that are left out of uploads."""

# Of Git and of macOS, by their exact names, and of Windows, which ignores case.
IGNORED_NAMES = frozenset({".git", "__MACOSX", ".DS_Store"})
IGNORED_WINDOWS_NAMES = frozenset({"desktop.ini", "thumbs.db", "ehthumbs.db"})
# macOS keeps a file's attributes in such a file where the disk has no place for them: exFAT, zip.
APPLE_DOUBLE_PREFIX = "._"
# The magic number of AppleDouble (RFC 1740, appendix B).
APPLE_DOUBLE_MAGIC = b"\x00\x05\x16\x07"


def ignored_part(path: str) -> str | None:
    """Return the file, or the folder with "/" at its end, for which the path is left out."""
    parts = path.split("/")
    for place, part in enumerate(parts, start=1):
        if part in IGNORED_NAMES or part.lower() in IGNORED_WINDOWS_NAMES:
            return "/".join(parts[:place]) + ("/" if place < len(parts) else "")
    return None


def is_apple_double(path: str, content: bytes | bytearray) -> bool:
    """True if it is a file of macOS by its name and by its first bytes."""
    name = path.rpartition("/")[2]
    return name.startswith(APPLE_DOUBLE_PREFIX) and content.startswith(APPLE_DOUBLE_MAGIC)
