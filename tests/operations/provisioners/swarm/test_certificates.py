"""The certificates of agents and workers, and who accepts whom, at a server on the loopback."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from operations.provisioners.base import ProvisionError
from operations.provisioners.docker.engine import connect
from operations.provisioners.docker.options import DockerOptions, EngineTls
from operations.provisioners.swarm import certificates
from operations.provisioners.swarm.agents import AGENT_NAME, WORKER_NAME

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ALL = ["ca.pem", "agent.pem", "worker.pem"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_first_run_makes_all_and_the_next_none(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert certificates.renew_certificates(folder, NOW) == ALL
    before = contents(folder)
    assert certificates.renew_certificates(folder, NOW + timedelta(days=300)) == []
    assert contents(folder) == before
    assert folder.stat().st_mode & 0o077 == 0
    for key in folder.glob("*-key.pem"):
        assert key.stat().st_mode & 0o077 == 0, key


def test_what_ends_soon_is_renewed_by_the_same_ca(tmp_path: Path) -> None:
    certificates.renew_certificates(tmp_path, NOW)
    before = contents(tmp_path)
    later = NOW + certificates.LIFETIME - certificates.RENEW_BEFORE
    assert certificates.renew_certificates(tmp_path, later) == ["agent.pem", "worker.pem"]
    after = contents(tmp_path)
    assert after["ca.pem"] == before["ca.pem"] and after["ca-key.pem"] == before["ca-key.pem"]
    assert after["worker-key.pem"] != before["worker-key.pem"]
    assert certificates.ends_at(tmp_path / "worker.pem") == later + certificates.LIFETIME


@pytest.mark.parametrize(
    ("missing", "renewed"),
    [
        ("ca.pem", ALL),
        ("ca-key.pem", ALL),
        ("agent.pem", ["agent.pem"]),
        ("worker-key.pem", ["worker.pem"]),
    ],
)
def test_missing_file_is_made_again(tmp_path: Path, missing: str, renewed: list[str]) -> None:
    certificates.renew_certificates(tmp_path, NOW)
    (tmp_path / missing).unlink()
    assert certificates.renew_certificates(tmp_path, NOW) == renewed


def test_new_ca_makes_all_new(tmp_path: Path) -> None:
    certificates.renew_certificates(tmp_path, NOW)
    assert certificates.renew_certificates(tmp_path, NOW + certificates.CA_LIFETIME) == ALL


def test_damaged_file_is_an_error(tmp_path: Path) -> None:
    certificates.renew_certificates(tmp_path, NOW)
    (tmp_path / "ca.pem").write_text("nothing")
    with pytest.raises(ValueError):
        certificates.renew_certificates(tmp_path, NOW)


class Engine(http.server.BaseHTTPRequestHandler):
    """Answers as a Docker engine does when it is asked for its version."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"ApiVersion": "1.41"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(("127.0.0.1", 0), Engine)

    def get_request(self) -> tuple[ssl.SSLSocket, object]:
        connection, address = self.socket.accept()
        # In the thread that serves: a refused handshake must not end this one.
        wrapped = self._context.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        return wrapped, address

    def finish_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, ssl.SSLSocket)
        try:
            request.do_handshake()
            super().finish_request(request, client_address)
        except OSError:
            pass


@contextmanager
def serving(folder: Path, certificate: str) -> Iterator[DockerOptions]:
    """A server that wants a certificate of the folder's CA; the options to reach it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}-key.pem")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = Server(context)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield DockerOptions(
            host=f"tcp://127.0.0.1:{server.server_port}",
            image="",
            helper_image="",
            url="",
            machine="build-3",
            tls=EngineTls(
                str(folder / "ca.pem"),
                str(folder / "worker.pem"),
                str(folder / "worker-key.pem"),
                AGENT_NAME,
            ),
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    certificates.renew_certificates(tmp_path, datetime.now(UTC))
    return tmp_path


def issue(folder: Path, file: str, name: str, at: datetime) -> None:
    """Put a certificate of another name or time, by the folder's own CA, into the folder."""
    authority = certificates._read_authority(folder, datetime.now(UTC))
    assert authority is not None
    key = certificates.new_key()
    certificate = authority.issue(name, key, at, timedelta(days=1))
    (folder / f"{file}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / f"{file}-key.pem").write_bytes(certificates.pem_of_key(key))


def refusal(options: DockerOptions) -> str:
    with pytest.raises(ProvisionError) as caught, connect(options, "health"):
        pass
    return caught.value.sentence


NOT_ACCEPTED = "don't accept each other's certificate. Run manage.py set_up_swarm"


def test_agent_and_worker_accept_each_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the environment says about the CAs and the proxy of the internet."""
    other = tmp_path_factory.mktemp("other")
    certificates.renew_certificates(other, datetime.now(UTC))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other / "ca.pem"))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with serving(folder, "agent") as options, connect(options, "health") as client:
        assert client.version()["ApiVersion"] == "1.41"


def test_agent_of_another_ca_is_refused(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    certificates.renew_certificates(other, datetime.now(UTC))
    with serving(other, "agent") as options:
        assert options.tls is not None
        tls = replace(options.tls, ca=str(folder / "ca.pem"))
        assert NOT_ACCEPTED in refusal(replace(options, tls=tls))


def test_agent_with_another_name_is_refused(folder: Path) -> None:
    """Such as a worker's certificate, by the same CA."""
    with serving(folder, "worker") as options:
        assert NOT_ACCEPTED in refusal(options)


def test_agent_whose_certificate_has_ended_is_refused(folder: Path) -> None:
    issue(folder, "agent", AGENT_NAME, datetime.now(UTC) - timedelta(days=2))
    with serving(folder, "agent") as options:
        assert NOT_ACCEPTED in refusal(options)


@pytest.mark.parametrize("way", ["expired", "other ca"])
def test_worker_that_the_agent_does_not_accept_is_told(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, way: str
) -> None:
    with serving(folder, "agent") as options:
        if way == "expired":
            issue(folder, "worker", WORKER_NAME, datetime.now(UTC) - timedelta(days=2))
        else:
            other = tmp_path_factory.mktemp("other")
            certificates.renew_certificates(other, datetime.now(UTC))
            assert options.tls is not None
            tls = replace(
                options.tls,
                certificate=str(other / "worker.pem"),
                key=str(other / "worker-key.pem"),
            )
            options = replace(options, tls=tls)
        assert NOT_ACCEPTED in refusal(options)


def test_agent_that_is_not_reached_is_named(folder: Path) -> None:
    with serving(folder, "agent") as options:
        pass
    assert refusal(options) == (
        "The agent on the machine build-3 can't be reached. Is this worker on the agents' "
        "network, SWARM_NETWORK?"
    )
