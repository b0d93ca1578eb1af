"""What is in the store of the progress."""

from django.core.files.storage import default_storage

from operations.progress import keys
from operations.progress.manifest import Manifest
from operations.progress.manifest_store import read_manifest
from operations.progress.packs import read_content


def manifest_of(state) -> Manifest:
    return read_manifest(state.key)


def content_of(state, path: bytes) -> bytes:
    manifest = manifest_of(state)
    file = manifest.files[path]
    return read_content(manifest.contents[file.sha256], file.sha256)


def stored(interview) -> list[str]:
    try:
        return sorted(default_storage.listdir(keys.folder_of(interview.id))[1])
    except FileNotFoundError:
        return []
