"""Translate what a cluster's API answers into sentences that staff can act on."""

import json
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as HTTPTimeoutError

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import NoRoomError, ProvisionError
from operations.provisioners.file_look import TooManyFilesError
from operations.provisioners.kubernetes.options import KubernetesOptions
from operations.provisioners.local.unpack import DamagedArchiveError

MAX_MESSAGE_LENGTH = 300
# What the client says of an exec that the API refuses: it has no status of its own.
HANDSHAKE_STATUS = re.compile(r"Handshake status (\d{3})")
DEFAULT_RETRY_SECONDS = 1.0


class ApiError(Exception):
    """The API refused a call. `status` is that of HTTP, or 0 if there was no response."""

    def __init__(
        self, status: int, reason: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(status, reason, message)
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        """After how many seconds the API takes the call, if it says that it has too much to do."""

    @classmethod
    def of(cls, error: Any) -> "ApiError":
        """Read the client's `ApiException`."""
        status, fields = int(error.status or 0), _fields_of(error.body)
        if not status and (match := HANDSHAKE_STATUS.search(str(error.reason))):
            status = int(match[1])
        retry_after = None
        if status == 429:
            told = str((error.headers or {}).get("Retry-After", ""))
            retry_after = float(told) if re.fullmatch(r"\d{1,4}", told) else DEFAULT_RETRY_SECONDS
        message = fields.get("message") or error.reason or ""
        return cls(status, str(fields.get("reason") or ""), str(message), retry_after)

    @property
    def is_missing(self) -> bool:
        return self.status == 404

    @property
    def is_conflict(self) -> bool:
        """Whether there is one of that name, or it was changed by somebody else."""
        return self.status == 409

    @property
    def is_taken(self) -> bool:
        """Whether there is one of that name. Concurrent changes of a quota are conflicts, too."""
        return self.status == 409 and self.reason == "AlreadyExists"

    @property
    def is_over_quota(self) -> bool:
        return self.status == 403 and "exceeded quota" in self.message


class ExecFailedError(Exception):
    """A program in a container ended with an error, or its connection ended before it did."""

    def __init__(self, sentence: str, *, is_cut_off: bool = False) -> None:
        super().__init__(sentence)
        self.is_cut_off = is_cut_off
        """Whether nothing is known about the program's end."""


@contextmanager
def translate_errors(step: str, options: KubernetesOptions) -> Iterator[None]:
    """Turn errors of the API and of this machine into a ProvisionError of `step`."""
    try:
        yield
    except ApiError as error:
        raise _provision_error(step, error, options) from error
    except ExecFailedError as error:
        raise ProvisionError(step, f"{str(error).rstrip('.')}.") from error
    except NewConnectionError as error:
        # Which is a timeout, for urllib3.
        raise ProvisionError(step, _connection_message(error, options)) from error
    except HTTPTimeoutError as error:
        raise ProvisionError(step, "The cluster's API didn't respond in time.") from error
    except HTTPError as error:
        raise ProvisionError(step, _connection_message(error, options)) from error
    except (ArchiveTooLargeError, DamagedArchiveError, TooManyFilesError, ValueError) as error:
        raise ProvisionError(step, f"{error}.") from error
    except (EOFError, tarfile.TarError) as error:
        sentence = "The cluster's response was cut off before all files arrived."
        raise ProvisionError(step, sentence) from error
    except OSError as error:
        raise ProvisionError(step, f"This machine refused: {error.strerror or error}.") from error


def _provision_error(step: str, error: ApiError, options: KubernetesOptions) -> ProvisionError:
    message = shorten(error.message)
    if error.is_over_quota:
        return NoRoomError(
            step, f"The quota of the namespace {options.namespace} is used up: {message}."
        )
    return ProvisionError(step, _refusal_message(error, message, options))


def _refusal_message(error: ApiError, message: str, options: KubernetesOptions) -> str:
    where = "KUBERNETES_KUBECONFIG" if options.kubeconfig else "the Pod of this process"
    match error.status:
        case 0 if error.reason == "configuration":
            return f"{where} has no usable address and credentials of a cluster: {message}."
        case 0:
            return f"The cluster's API at {where} can't be reached: {message}."
        case 401:
            return f"The cluster doesn't accept the credentials of {where}."
        case 403:
            return f"The cluster doesn't allow it; deploy/kubernetes/rbac.yaml does: {message}."
        case 404 if "namespaces" in message:
            return (
                f"The cluster has no namespace {options.namespace}. Create it, or name another in "
                "KUBERNETES_NAMESPACE."
            )
        case 404 if error.reason == "" or "could not find the requested resource" in message:
            return (
                "The cluster's API doesn't know what was asked for. For KUBERNETES_GATEWAY, it "
                f"needs the Gateway API: {message}."
            )
        case 409:
            return "Someone else is changing this workspace right now."
        case 429:
            return "The cluster's API has too much to do now."
        case 422:
            return f"The cluster takes no such workspace: {message}."
    if error.status >= 500:
        return f"The cluster's API failed: {message}."
    return f"The cluster refused: {message}."


def _connection_message(error: Exception, options: KubernetesOptions) -> str:
    text = repr(error).lower()
    source = "KUBERNETES_KUBECONFIG" if options.kubeconfig else "its Pod's environment"
    if "incompleteread" in text or "connection broken" in text or "remotedisconnected" in text:
        return "The cluster's response was cut off."
    if "ssl" in text or "certificate" in text:
        return f"This process doesn't accept the certificate of the cluster's API ({source})."
    return f"The cluster's API can't be reached at the address from {source}."


def shorten(text: str) -> str:
    """Return an API's message on one line, without a full stop."""
    line = " ".join(text.split()).rstrip(".") or "no reason was given"
    return line if len(line) <= MAX_MESSAGE_LENGTH else f"{line[: MAX_MESSAGE_LENGTH - 1]}…"


def _fields_of(body: Any) -> dict[str, Any]:
    """Return the fields of the API's `Status`; none if the body is something else."""
    try:
        fields = json.loads(body)
    except (TypeError, ValueError):
        return {}
    return fields if isinstance(fields, dict) else {}
