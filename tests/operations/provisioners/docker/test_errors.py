"""Each error of an engine becomes one sentence."""

import tarfile
from dataclasses import replace

import pytest
import requests
from docker.errors import APIError, DockerException, NotFound

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.errors import translate_errors
from operations.provisioners.docker.options import DockerOptions

ENGINE = DockerOptions(host="unix:///x", image="", helper_image="", url="")


def refusal(text: str) -> APIError:
    return APIError("500 Server Error", explanation=text)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            refusal("write /var/lib/docker/tmp/x: no space left on device"),
            "The engine's disk is full. Free some space there.",
        ),
        (
            refusal("Error response from daemon: something\n odd."),
            "The Docker engine refused: something odd.",
        ),
        (
            refusal("This node is not a swarm manager. Use docker swarm init."),
            "The engine is no manager of a swarm. Name a manager in SWARM_HOST.",
        ),
        (
            refusal("rpc error: code = Unknown desc = The swarm does not have a leader. Wait."),
            "The swarm has no leader now: most of its managers must run.",
        ),
        (
            refusal("failed to create shim: context deadline exceeded"),
            "The Docker engine refused: failed to create shim: context deadline exceeded.",
        ),
        (requests.exceptions.ReadTimeout(), "The Docker engine didn't respond in time."),
        (
            DockerException("Error while fetching: PermissionError(13, 'Permission denied')"),
            "This process may not use the Docker socket unix:///x. Add its user to the socket's "
            "group.",
        ),
        (
            DockerException("Error while fetching: FileNotFoundError(2, 'No such file')"),
            "No Docker engine responds at unix:///x. Start it, or set DOCKER_HOST.",
        ),
        (
            requests.exceptions.ChunkedEncodingError("Connection broken: IncompleteRead"),
            "The Docker engine's response was cut off.",
        ),
        (
            tarfile.ReadError("unexpected end of data"),
            "The engine's response was cut off before all files arrived.",
        ),
        (ArchiveTooLargeError("It is too large"), "It is too large."),
        (OSError(28, "No space left on device"), "This machine refused: No space left on device."),
    ],
)
def test_error_becomes_one_sentence(error: Exception, sentence: str) -> None:
    with pytest.raises(ProvisionError) as caught, translate_errors("save", ENGINE):
        raise error
    assert str(caught.value) == f"save: {sentence}"


def test_not_found_is_a_refusal() -> None:
    with (
        pytest.raises(ProvisionError, match="refused: No such container"),
        translate_errors("save", ENGINE),
    ):
        raise NotFound("404", explanation="No such container: abc")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (requests.exceptions.ReadTimeout(), "The Docker engine of m2 didn't respond in time."),
        (
            requests.exceptions.ConnectTimeout(),
            "The agent on the machine m2 can't be reached. Is this worker on the agents' network, "
            "SWARM_NETWORK?",
        ),
    ],
)
def test_machine_of_a_swarm_is_named(error: Exception, sentence: str) -> None:
    engine = replace(ENGINE, machine="m2")
    with pytest.raises(ProvisionError) as caught, translate_errors("health", engine):
        raise error
    assert caught.value.sentence == sentence


def test_setting_of_the_address_is_named() -> None:
    engine = replace(ENGINE, host_setting="SWARM_HOST")
    with pytest.raises(ProvisionError, match="or set SWARM_HOST"), translate_errors("list", engine):
        raise DockerException("refused")
