"""Translate the errors of a Docker engine into sentences that staff can act on."""

import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from docker.errors import APIError, DockerException
from urllib3.exceptions import HTTPError

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.options import DockerOptions
from operations.provisioners.file_look import TooManyFilesError
from operations.provisioners.local.unpack import DamagedArchiveError

# A pattern of the engine's message in lower case -> our sentence.
ERROR_MESSAGES = (
    (
        r"no space left on device|disk quota exceeded",
        "The engine's disk is full. Free some space there.",
    ),
    (
        r"cannot allocate memory|not enough memory",
        "The engine has no memory left for another workspace.",
    ),
    (
        r"permission denied while trying to connect",
        "This process may not use the Docker socket. Add its user to the socket's group.",
    ),
    (
        r"name .* is already in use by container",
        "Someone else is creating this workspace right now.",
    ),
    (
        r"not a swarm manager",
        "The engine is no manager of a swarm. Name a manager in SWARM_HOST.",
    ),
    (
        r"swarm does not have a leader",
        "The swarm has no leader now: most of its managers must run.",
    ),
    (r"exec: .*(not found|no such file)", "The image's entry point can't be started: {message}"),
)
MAX_MESSAGE_LENGTH = 300


@contextmanager
def translate_errors(step: str, engine: DockerOptions) -> Iterator[None]:
    """Turn errors of the engine and of this machine into a ProvisionError of `step`."""
    try:
        yield
    except APIError as error:
        raise ProvisionError(step, _refusal_message(error)) from error
    except requests.exceptions.Timeout as error:
        raise ProvisionError(step, _timeout_message(error, engine)) from error
    except (requests.exceptions.RequestException, HTTPError, DockerException) as error:
        raise ProvisionError(step, _connection_message(error, engine)) from error
    except (ArchiveTooLargeError, DamagedArchiveError, TooManyFilesError, ValueError) as error:
        raise ProvisionError(step, f"{error}.") from error
    except tarfile.TarError as error:
        sentence = "The engine's response was cut off before all files arrived."
        raise ProvisionError(step, sentence) from error
    except OSError as error:
        raise ProvisionError(step, f"This machine refused: {error.strerror or error}.") from error


def is_port_in_use(error: APIError) -> bool:
    """Return whether a port could not be published because it is taken."""
    message = engine_message(error).lower()
    return bool(re.search(r"port is already allocated|address already in use", message))


def engine_message(error: APIError) -> str:
    """Return the engine's error message on one line, without its prefixes."""
    text = " ".join(str(error.explanation or error).split())
    while text.lower().startswith(("error response from daemon: ", "driver failed ")):
        text = text.partition(": ")[2]
    return text if len(text) <= MAX_MESSAGE_LENGTH else f"{text[: MAX_MESSAGE_LENGTH - 1]}…"


def _refusal_message(error: APIError) -> str:
    message = engine_message(error)
    for pattern, sentence in ERROR_MESSAGES:
        if re.search(pattern, message.lower()):
            return sentence.format(message=message)
    return f"The Docker engine refused: {message.rstrip('.')}."


def _timeout_message(error: Exception, engine: DockerOptions) -> str:
    if isinstance(error, requests.exceptions.ConnectTimeout) and engine.machine:
        return _no_agent_message(engine)
    where = f" of {engine.machine}" if engine.machine else ""
    return f"The Docker engine{where} didn't respond in time."


def _no_agent_message(engine: DockerOptions) -> str:
    return (
        f"The agent on the machine {engine.machine} can't be reached. Is this worker on the "
        "agents' network, SWARM_NETWORK?"
    )


def _connection_message(error: Exception, engine: DockerOptions) -> str:
    host = engine.host
    text = _exception_chain(error).lower()
    if "permission denied" in text or "permissionerror" in text:
        return (
            f"This process may not use the Docker socket {host}. Add its user to the socket's "
            "group."
        )
    if "incompleteread" in text or "connection broken" in text or "remotedisconnected" in text:
        return "The Docker engine's response was cut off."
    if "sslerror" in text or "[ssl" in text:
        return (
            f"The engine at {host} and this worker don't accept each other's certificate. Run "
            "manage.py set_up_swarm, and give the files that it makes to all workers."
        )
    if engine.machine:
        return _no_agent_message(engine)
    return f"No Docker engine responds at {host}. Start it, or set {engine.host_setting}."


def _exception_chain(error: BaseException | None) -> str:
    """Return the text of the error and of all its causes."""
    texts = []
    while error is not None:
        texts.append(repr(error))
        error = error.__cause__ or error.__context__
    return " ".join(texts)
