"""Base images are pinned by the digests of their registry; here it is one on this machine."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from supply_chain import images
from supply_chain.images import ROOT, Image, RegistryError
from tests.receiver import LOOPBACK, unused_port

INDEX = "application/vnd.oci.image.index.v1+json"
TOKEN = "for-everybody"


class Registry:
    """Knows digests by repository and tag, and gives whoever asks a token for the repository."""

    def __init__(self, port: int) -> None:
        self.url = f"http://{LOOPBACK}:{port}"
        self.digests: dict[str, str] = {}
        self.scopes: list[str] = []

    def answer(self, request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str]]:
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            repository = request.path.removeprefix("/v2/").partition("/manifests/")[0]
            scope = f'service="registry",scope="repository:{repository}:pull"'
            return 401, {"WWW-Authenticate": f'Bearer realm="{self.url}/token",{scope}'}
        if INDEX not in request.headers["Accept"]:
            return 406, {}
        digest = self.digests.get(request.path)
        return (200, {"Docker-Content-Digest": digest}) if digest else (404, {})


@pytest.fixture
def registry() -> Iterator[Registry]:
    known: list[Registry] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            status, headers = known[0].answer(self)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def do_GET(self) -> None:
            known[0].scopes += parse_qs(urlsplit(self.path).query)["scope"]
            body = b'{"token": "%s"}' % TOKEN.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        known.append(Registry(int(server.server_address[1])))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield known[0]
        server.shutdown()
        thread.join()


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def test_each_image_that_a_file_names_can_be_replaced_by_a_variable() -> None:
    named = images.named_images()
    assert len(named) == 5
    text = "\n".join((ROOT / file).read_text() for file in images.FILES)
    used = re.findall(r"^FROM (\S+)|^ +image: (\S+)", text, re.MULTILINE)
    for image in ("".join(pair) for pair in used):
        variable = re.fullmatch(r"\$\{(\w+)(?::-.*)?\}", image)
        assert variable is not None, image
        assert variable[1] in {*named, "PLATFORM_IMAGE", "PROXY_IMAGE"}, image


def test_each_image_is_printed_with_the_digest_of_its_tag(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {
        "PYTHON_IMAGE": "/v2/library/python/manifests/3.12-slim-bookworm",
        "DEBIAN_IMAGE": "/v2/library/debian/manifests/bookworm-slim",
        "CODE_SERVER_IMAGE": "/v2/codercom/code-server/manifests/latest",
        "REDIS_IMAGE": "/v2/library/redis/manifests/7",
        "DYNAMODB_IMAGE": "/v2/amazon/dynamodb-local/manifests/latest",
    }
    registry.digests = {path: digest(number) for number, path in enumerate(paths.values())}
    assert images.main(registry.url) == 0
    tags = images.named_images()
    wanted = [f"{name}={tags[name]}@{digest(number)}" for number, name in enumerate(paths)]
    assert capsys.readouterr().out.splitlines() == ["", *wanted]
    assert set(registry.scopes) == {
        f"repository:{path[4:].partition('/manifests/')[0]}:pull" for path in paths.values()
    }


def test_without_an_answer_about_one_no_line_is_printed(
    registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.digests = {"/v2/library/python/manifests/3.12-slim-bookworm": digest(1)}
    assert images.main(registry.url) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "has no debian:bookworm-slim for you (HTTP 404)." in printed.err


def test_registry_that_is_away_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://{LOOPBACK}:{unused_port()}"
    assert images.main(url) == 1
    assert f"{url} could not be asked for python: " in capsys.readouterr().err


def test_digest_that_is_none_is_refused(registry: Registry) -> None:
    registry.digests = {"/v2/library/redis/manifests/7": "sha256:12"}
    with pytest.raises(RegistryError):
        images.digest_of(Image("redis", "7"), registry.url)


@pytest.mark.parametrize(
    ("text", "image", "registry", "repository"),
    [
        ("redis:7", Image("redis", "7"), "", "library/redis"),
        ("redis", Image("redis", "latest"), "", "library/redis"),
        ("a/b:c", Image("a/b", "c"), "", "a/b"),
        ("ghcr.io/a/b:c", Image("ghcr.io/a/b", "c"), "https://ghcr.io", "a/b"),
        ("host:5000/a", Image("host:5000/a", "latest"), "https://host:5000", "a"),
    ],
)
def test_name_of_an_image_says_where_it_is(
    text: str, image: Image, registry: str, repository: str
) -> None:
    parsed = Image.parse(text)
    assert parsed == image
    assert (parsed.registry, parsed.repository) == (registry, repository)
