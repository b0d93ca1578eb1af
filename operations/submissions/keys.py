"""The storage keys of indexes: beside the archives, so that whatever deletes those finds them."""

import hashlib

# The number is that of the format: another version of the platform makes an index of its own.
INDEX_SUFFIX = ".index-1.sqlite3"
ARCHIVE_SUFFIX = ".tar.gz"


def index_key(folder: str, archive_key: str) -> str:
    """The key of an archive's index in `folder`, the interview's own.

    Archives that an earlier portal saved have keys of any form, elsewhere.
    """
    stem = archive_key.removesuffix(ARCHIVE_SUFFIX)
    if stem.rpartition("/")[0] != folder or stem == archive_key:
        stem = f"{folder}/{hashlib.sha256(archive_key.encode()).hexdigest()[:32]}"
    return stem + INDEX_SUFFIX


def is_index(key: str) -> bool:
    return key.endswith(INDEX_SUFFIX)
