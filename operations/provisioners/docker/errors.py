"""What can go wrong with a Docker engine, in one sentence each that a person can act on."""

import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from docker.errors import APIError, DockerException
from urllib3.exceptions import HTTPError

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import ProvisionError
from operations.provisioners.local.unpack import DamagedArchiveError

# What an engine says, in lower case -> what it means here.
SENTENCES = (
    (
        r"no space left on device|disk quota exceeded",
        "The engine's machine has no space left on its disk: make room there.",
    ),
    (
        r"cannot allocate memory|not enough memory",
        "The engine's machine has no memory left for another workspace.",
    ),
    (
        r"permission denied while trying to connect",
        "The Docker socket may not be used by this process: let its user into the socket's group.",
    ),
    (
        r"name .* is already in use by container",
        "Somebody else makes this workspace in this moment.",
    ),
    (r"exec: .*(not found|no such file)", "The image's entry point cannot be started: {said}"),
)
SHOWN = 300


@contextmanager
def told(step: str, host: str) -> Iterator[None]:
    """Turn what an engine at `host` can refuse into the sentence of a step."""
    try:
        yield
    except APIError as error:
        raise ProvisionError(step, _refused(error)) from error
    except requests.exceptions.Timeout as error:
        raise ProvisionError(step, "The Docker engine did not answer in time.") from error
    except (requests.exceptions.RequestException, HTTPError, DockerException) as error:
        raise ProvisionError(step, _away(error, host)) from error
    except (ArchiveTooLargeError, DamagedArchiveError, ValueError) as error:
        raise ProvisionError(step, f"{error}.") from error
    except tarfile.TarError as error:
        sentence = "The engine's answer was cut off before all files were there."
        raise ProvisionError(step, sentence) from error
    except OSError as error:
        raise ProvisionError(step, f"This machine refused: {error.strerror or error}.") from error


def is_in_use(error: APIError) -> bool:
    """Whether a port could not be published as somebody has it."""
    return bool(re.search(r"port is already allocated|address already in use", said(error).lower()))


def said(error: APIError) -> str:
    """The engine's own words, on one line, without its prefixes."""
    text = " ".join(str(error.explanation or error).split())
    while text.lower().startswith(("error response from daemon: ", "driver failed ")):
        text = text.partition(": ")[2]
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _refused(error: APIError) -> str:
    text = said(error)
    for pattern, sentence in SENTENCES:
        if re.search(pattern, text.lower()):
            return sentence.format(said=text)
    return f"The Docker engine refused: {text.rstrip('.')}."


def _away(error: Exception, host: str) -> str:
    text = _chain(error).lower()
    if "permission denied" in text or "permissionerror" in text:
        return (
            f"The Docker socket {host} may not be used by this process: let its user into the "
            "socket's group."
        )
    if "incompleteread" in text or "connection broken" in text or "remotedisconnected" in text:
        return "The Docker engine broke off in the middle of an answer."
    return f"No Docker engine answers at {host}: start it, or set DOCKER_HOST."


def _chain(error: BaseException | None) -> str:
    """All that is said of the error and of what caused it."""
    texts = []
    while error is not None:
        texts.append(repr(error))
        error = error.__cause__ or error.__context__
    return " ".join(texts)
