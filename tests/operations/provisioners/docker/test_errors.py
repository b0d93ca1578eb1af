"""Each error of an engine becomes one sentence."""

import tarfile

import pytest
import requests
from docker.errors import APIError, DockerException, NotFound

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.errors import translate_errors


def refusal(text: str) -> APIError:
    return APIError("500 Server Error", explanation=text)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            refusal("write /var/lib/docker/tmp/x: no space left on device"),
            "The engine's machine has no space left on its disk: make room there.",
        ),
        (
            refusal("Error response from daemon: something\n odd."),
            "The Docker engine refused: something odd.",
        ),
        (requests.exceptions.ReadTimeout(), "The Docker engine did not answer in time."),
        (
            DockerException("Error while fetching: PermissionError(13, 'Permission denied')"),
            "The Docker socket unix:///x may not be used by this process: let its user into the "
            "socket's group.",
        ),
        (
            DockerException("Error while fetching: FileNotFoundError(2, 'No such file')"),
            "No Docker engine answers at unix:///x: start it, or set DOCKER_HOST.",
        ),
        (
            requests.exceptions.ChunkedEncodingError("Connection broken: IncompleteRead"),
            "The Docker engine broke off in the middle of an answer.",
        ),
        (
            tarfile.ReadError("unexpected end of data"),
            "The engine's answer was cut off before all files were there.",
        ),
        (ArchiveTooLargeError("It is too large"), "It is too large."),
        (OSError(28, "No space left on device"), "This machine refused: No space left on device."),
    ],
)
def test_error_becomes_one_sentence(error: Exception, sentence: str) -> None:
    with pytest.raises(ProvisionError) as caught, translate_errors("save", "unix:///x"):
        raise error
    assert str(caught.value) == f"save: {sentence}"


def test_not_found_is_a_refusal() -> None:
    with (
        pytest.raises(ProvisionError, match="refused: No such container"),
        translate_errors("save", "x"),
    ):
        raise NotFound("404", explanation="No such container: abc")
