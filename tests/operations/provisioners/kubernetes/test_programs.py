"""The programs of Pods that no failure of a cluster shows."""

import io
import json
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from websocket import ABNF

from operations.provisioners.kubernetes.errors import ExecFailedError
from operations.provisioners.kubernetes.exec_stream import ExecStream
from operations.provisioners.kubernetes.programs import fill, pack, prepare, report, sidecar
from tests.services import wait_until


def archive_of(content: bytes) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        info = tarfile.TarInfo("project/README.md")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    stream.seek(0)
    return stream


def test_the_first_whole_archive_wins(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    cut_off = io.BytesIO(archive_of(b"x" * 20_000).getvalue()[:9_000])
    with pytest.raises(tarfile.TarError):
        fill.fill(home, tmp_path, cut_off)
    assert not (home / prepare.COMPLETE_MARKER).exists()
    assert not (home / "project").exists()
    assert fill.fill(home, tmp_path, archive_of(b"first")) == fill.FILLED
    assert fill.fill(home, tmp_path, archive_of(b"second")) == fill.ALREADY
    assert (home / "project/README.md").read_bytes() == b"first"
    # What was cut off is gone.
    assert {path.name for path in home.iterdir()} == {"project", prepare.COMPLETE_MARKER}


def test_settings_that_are_as_they_should_be_are_not_written(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_bytes(b"{}")
    prepare.write_config(tmp_path, config)
    written = tmp_path / prepare.CONFIG_PATH
    assert written.read_bytes() == b"{}" and written.stat().st_mode & 0o777 == 0o600
    before = written.stat().st_ino
    prepare.write_config(tmp_path, config)
    assert written.stat().st_ino == before
    config.write_bytes(b"{1}")
    prepare.write_config(tmp_path, config)
    assert written.read_bytes() == b"{1}"


@pytest.mark.parametrize(("text", "expected"), [("1", False), ("99999999999", True), ("", True)])
def test_a_deadline_that_cannot_be_read_ends_nothing(
    tmp_path: Path, text: str, expected: bool
) -> None:
    file = tmp_path / "ends-at"
    assert sidecar.may_go_on(str(file))
    file.write_text(text)
    assert sidecar.may_go_on(str(file)) is expected


def test_a_report_behind_a_link_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/report.xml").write_text("<x/>")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/out").symlink_to(tmp_path / "secret")
    stream = io.BytesIO()
    report.send_report(tmp_path, "project/out/report.xml", stream)
    stream.seek(0)
    with tarfile.open(fileobj=stream) as tar:
        assert tar.getnames() == []


def test_whoever_waits_for_an_archive_hears_that_it_is_being_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / fill.COMPLETE_MARKER).touch()
    (tmp_path / "project").mkdir()
    (tmp_path / "project/a.py").write_text("1")
    stream = io.BytesIO()
    real: Any = vars(pack)["pack_folder"]

    def slow(*arguments: Any) -> Any:
        wait_until(lambda: stream.tell() > 2, "Nothing was heard.")
        return real(*arguments)

    monkeypatch.setattr(pack, "PULSE_SECONDS", 0.01)
    monkeypatch.setattr(pack, "pack_folder", slow)
    pack.pack(tmp_path, "project", "top", [], stream)
    stream.seek(0)
    lines = stream.getvalue().lstrip(pack.PULSE)
    assert len(lines) < len(stream.getvalue()) - 2
    header, _, archive = lines.partition(b"\n")
    assert json.loads(header)["size"] == len(archive)


def stream_of(*frames: tuple[int, bytes]) -> ExecStream:
    left = [
        (ABNF.OPCODE_BINARY, SimpleNamespace(data=bytes([channel]) + data))
        for channel, data in frames
    ]
    left.append((ABNF.OPCODE_CLOSE, SimpleNamespace(data=b"")))
    socket: Any = SimpleNamespace(recv_data_frame=lambda control: left.pop(0))
    return ExecStream(SimpleNamespace(sock=socket))


def test_a_program_whose_end_is_not_told_has_not_succeeded() -> None:
    stream = stream_of((1, b"all of it"))
    assert stream.read(100) == b"all of it"
    with pytest.raises(ExecFailedError, match="ended too early") as caught:
        stream.finish()
    assert caught.value.is_cut_off


def test_the_last_line_of_a_program_that_failed_is_told() -> None:
    status = json.dumps({"status": "Failure", "message": "exit code 1"}).encode()
    with pytest.raises(ExecFailedError, match="OSError: disk is full") as caught:
        stream_of((2, b"Traceback\nOSError: disk is full\n"), (3, status)).finish()
    assert not caught.value.is_cut_off
    with pytest.raises(ExecFailedError, match="exit code 1"):
        stream_of((3, status)).finish()
    stream_of((3, b'{"status": "Success"}')).finish()
