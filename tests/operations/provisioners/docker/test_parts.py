"""The parts of the Docker engine that need no engine: names, rules, streams, sentences."""

import io
import stat
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, cast

import pytest
import requests
from docker.errors import APIError, DockerException, NotFound

from operations.provisioners.archive_writer import ArchiveTooLargeError
from operations.provisioners.base import ProvisionError
from operations.provisioners.docker import (
    export,
    firewall,
    helper_container,
    naming,
    network,
    tar_stream,
)
from operations.provisioners.docker.errors import translate_errors
from operations.provisioners.docker.options import NON_PUBLIC_NETWORKS
from operations.provisioners.docker.tar_stream import TarStream
from operations.provisioners.docker.workspace_container import read_image_home


def test_names_tell_platforms_apart() -> None:
    plain, other = naming.names_of("default", "int-1"), naming.names_of("two_", "int-1")
    assert (plain.editor, plain.sidecar) == ("workspace-int-1", "workspace-int-1-gate")
    assert other.editor == "workspace-two_int-1"
    with pytest.raises(ValueError, match="cannot be the name"):
        naming.names_of("default", "a/../b")


def test_what_has_our_name_and_not_our_labels_is_somebody_elses() -> None:
    names = naming.names_of("default", "int-1")
    names.check_ownership("volume", names.labels(), "start")
    strangers: list[dict[str, str] | None] = [None, {}, naming.names_of("two", "int-1").labels()]
    for labels in strangers:
        with pytest.raises(ProvisionError, match="a volume named workspace-int-1 that is not"):
            names.check_ownership("volume", labels, "start")


def test_an_engine_says_in_three_ways_when_something_was_made() -> None:
    at = datetime(2026, 11, 23, 7, 5, 36, tzinfo=UTC)
    assert naming.created_at({"Created": int(at.timestamp())}) == at
    assert naming.created_at({"CreatedAt": "2026-11-23T07:05:36Z"}) == at
    nano = naming.created_at({"Created": "2026-11-23T08:05:36.123456789+01:00"})
    assert nano == at.replace(microsecond=123456)


def test_rules_allow_only_what_is_public() -> None:
    rules = firewall.firewall_rules(
        internet=True, blocked_networks=[*NON_PUBLIC_NETWORKS, "192.0.2.2", "10.9.8.7"]
    )
    # Ranges that overlap would be refused as a whole.
    assert "10.0.0.0/8" in rules and "10.9.8.7" not in rules and "192.0.2.2/32" in rules
    assert rules.index("reject") < rules.index(firewall.ALLOW_INTERNET)
    # One that asks for names without end fills the machine's table too.
    assert rules.index("limit rate over") < rules.index(firewall.ALLOW_DNS)
    assert rules.index("ct count over") < rules.index(firewall.ALLOW_DNS)
    closed = firewall.firewall_rules(internet=False, blocked_networks=NON_PUBLIC_NETWORKS)
    assert firewall.ALLOW_INTERNET not in closed and "dport 53" not in closed


class FakeEngine:
    """Has these networks, and nothing else."""

    def __init__(self, *subnets: str) -> None:
        self.networks = self
        self._subnets = subnets

    def list(self) -> list[Any]:
        class Network:
            def __init__(self, config: Any) -> None:
                self.attrs = {"IPAM": {"Config": config}}

        return [Network([{"Subnet": subnet}]) for subnet in self._subnets] + [Network(None)]


def test_a_network_takes_a_part_of_the_range_that_is_free() -> None:
    engine: Any = FakeEngine("10.213.0.0/29", "10.213.0.16/29", "fd00::/64")
    pool = IPv4Network("10.213.0.0/27")
    found = {str(subnet) for subnet in network._free_subnets(engine, pool)}
    assert found == {"10.213.0.8/29", "10.213.0.24/29"}


class FakeImage:
    def __init__(self, **config: Any) -> None:
        self.attrs = {"Config": config}


@pytest.mark.parametrize("user", ["", "root", "0", "0:0", "coder", "1000:users"])
def test_an_image_must_name_a_user_that_is_not_root(user: str) -> None:
    image: Any = FakeImage(User=user, WorkingDir="/home/coder")
    with pytest.raises(ProvisionError, match="do not run as root"):
        read_image_home(image, "mine")


def test_the_home_is_where_the_image_works() -> None:
    image: Any = FakeImage(User="1000", WorkingDir="/home/coder/")
    assert read_image_home(image, "x").project == "/home/coder/project"
    assert read_image_home(image, "x").owner == (1000, 1000)
    for place in ("", "/", "/home", "home/coder"):
        bad: Any = FakeImage(User="1000:50", WorkingDir=place)
        with pytest.raises(ProvisionError, match="home as WORKDIR"):
            read_image_home(bad, "x")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("codercom/code-server", ("codercom/code-server", "latest")),
        ("mine:5000/code-server", ("mine:5000/code-server", "latest")),
        ("mine:5000/code-server:4", ("mine:5000/code-server", "4")),
        ("mine@sha256:abc", ("mine", "sha256:abc")),
    ],
)
def test_one_image_is_pulled_and_not_all_of_its_name(name: str, parts: tuple[str, str]) -> None:
    assert helper_container._split_image_name(name) == parts


class FakeContainer:
    """Gives one archive, as often as it is asked, in small pieces."""

    def __init__(self, content: bytes, mode: int = export.GO_MODE_DIR) -> None:
        self._content = content
        self._mode = mode

    def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, int]]:
        pieces = (self._content[at : at + 700] for at in range(0, len(self._content), 700))
        return pieces, {"mode": self._mode}


def made(*entries: tuple[str, bytes | None]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE if content is None else tarfile.REGTYPE
            info.size = len(content or b"")
            archive.addfile(info, io.BytesIO(content or b""))
    return buffer.getvalue()


PROJECT = made(("project", None), ("project/a.txt", b"a" * 3000), ("project/dist/b", b"b"))


def test_export_takes_what_is_below_the_folder(tmp_path: Path) -> None:
    container: Any = FakeContainer(PROJECT)
    assert export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t") == []
    with tarfile.open(tmp_path / "x.tar.gz") as archive:
        assert archive.getnames() == ["t/a.txt"]


@pytest.mark.parametrize("length", [600, 1536, 4608, len(PROJECT.rstrip(b"\0"))])
def test_an_archive_that_was_cut_off_anywhere_is_none(tmp_path: Path, length: int) -> None:
    assert length < len(PROJECT)
    container: Any = FakeContainer(PROJECT[:length])
    with pytest.raises(tarfile.ReadError):
        export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    container: Any = FakeContainer(PROJECT, mode=1 << 27)
    with pytest.raises(NotADirectoryError):
        export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")


def test_too_much_is_told_with_its_whole_size(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(export, "MAX_UNPACKED_BYTES", 2**20)
    big = made(("p", None), *((f"p/{n}", bytes(2**19)) for n in range(6)))
    container: Any = FakeContainer(big)
    with pytest.raises(ArchiveTooLargeError, match=r"^3\.0 MB of files do not fit"):
        export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")


class HolesContainer(FakeContainer):
    """Its one file is said to have so many bytes, and is streamed without end."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__(b"")
        info = tarfile.TarInfo(name)
        info.size = size
        self._head = made(("p", None))[:512] + info.tobuf(tarfile.GNU_FORMAT)
        self.read = 0

    def get_archive(self, path: str) -> tuple[Iterator[bytes], dict[str, int]]:
        return self._stream(), {"mode": export.GO_MODE_DIR}

    def _stream(self) -> Iterator[bytes]:
        yield self._head
        while self.read < 2**24:
            self.read += 2**20
            yield bytes(2**20)


@pytest.mark.parametrize("name", ["p/disk.img", "p/target/disk.img"])
def test_a_file_that_is_all_holes_is_not_read(name: str, tmp_path: Path) -> None:
    container: Any = HolesContainer(name, 16 * 2**40)
    with pytest.raises(ArchiveTooLargeError, match=f"the largest are '{name[2:]}' 16777216.0 MB"):
        export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t")
    assert container.read <= 2**20
    assert list(tmp_path.iterdir()) == []


def test_more_names_than_a_worker_can_remember_are_refused(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(export, "MAX_NAME_BYTES", 2000)
    container: Any = FakeContainer(made(("p", None), *((f"p/{n}", b"") for n in range(15))))
    assert export.pack_container(container, "/p", tmp_path / "x.tar.gz", "t") == []
    container = FakeContainer(made(("p", None), *((f"p/{n}", b"") for n in range(25))))
    with pytest.raises(ArchiveTooLargeError, match=r"^There are too many files"):
        export.pack_container(container, "/p", tmp_path / "y.tar.gz", "t")


def test_what_nobody_may_read_is_put_with_the_rights_that_it_had(tmp_path: Path) -> None:
    """A candidate may take them from their own files, and the test be opened again."""
    here = tmp_path / "files"
    (here / "closed").mkdir(parents=True)
    (here / "closed" / "secret.txt").write_text("kept")
    (here / "closed" / "secret.txt").chmod(0)
    (here / "closed").chmod(0o100)
    container = Taker()
    tar_stream.put_local_folder(cast("Any", container), "/home", here, "project", (1000, 1000))
    assert container.modes == {
        "project": 0o755,
        "project/closed": 0o100,
        "project/closed/secret.txt": 0,
    }
    # Whoever reads them here is not root.
    assert stat.S_IMODE((here / "closed").stat().st_mode) == 0o500
    assert stat.S_IMODE((here / "closed" / "secret.txt").stat().st_mode) == 0o400


class Taker:
    """Takes an archive, and remembers the rights in it."""

    def put_archive(self, path: str, chunks: Iterator[bytes]) -> bool:
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            self.modes = {entry.name: entry.mode for entry in archive}
        return True


def test_a_stream_gives_what_is_asked_for_whatever_its_pieces() -> None:
    stream = TarStream(iter([b"ab", b"", b"cdef"]))
    assert (stream.read(3), stream.read(9), stream.read(1)) == (b"abc", b"def", b"")


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
def test_what_goes_wrong_is_one_sentence(error: Exception, sentence: str) -> None:
    with pytest.raises(ProvisionError) as caught, translate_errors("save", "unix:///x"):
        raise error
    assert str(caught.value) == f"save: {sentence}"


def test_what_is_not_there_is_a_refusal_too() -> None:
    with (
        pytest.raises(ProvisionError, match="refused: No such container"),
        translate_errors("save", "x"),
    ):
        raise NotFound("404", explanation="No such container: abc")
