"""The deployment as a whole: published ports, privileges, secrets, and how it stops."""

import json
import time
from contextlib import closing
from http.client import HTTPConnection

from tests.compose.stack import Stack, inspect, report, run
from tests.e2e.conftest import PASSWORD, answers
from tests.services import wait_until

OURS = ("web", "worker", "worker-ends", "beat")


def test_only_the_proxy_is_published_and_only_locally(platform: Stack) -> None:
    listed = platform.compose("ps", "--format", "json").splitlines()
    published = {
        (part["Service"], port["URL"], port["PublishedPort"])
        for part in map(json.loads, listed)
        for port in part["Publishers"] or []
        if port["PublishedPort"]
    }
    assert published == {
        ("proxy", "127.0.0.1", platform.http_port),
        ("proxy", "127.0.0.1", platform.https_port),
    }


def test_only_the_workers_have_the_docker_socket_and_no_process_is_root(platform: Stack) -> None:
    for service in ("web", "beat", "init", "proxy", "redis", "dynamodb"):
        for container in platform.containers(service):
            mounts = [mount["Source"] for mount in inspect(container)["Mounts"]]
            assert [path for path in mounts if "docker.sock" in path] == [], service
    for service in OURS:
        for container in platform.containers(service):
            # The worker begins as root, to join the group of the socket, and does not stay it.
            uids = platform.execute(container, "grep", "-h", "^Uid:", "/proc/1/status")
            assert uids.split() == ["Uid:", *["10001"] * 4]


def test_stores_have_no_internet_access(platform: Stack) -> None:
    networks = set()
    for service in ("redis", "dynamodb"):
        (container,) = platform.containers(service)
        networks |= set(inspect(container)["NetworkSettings"]["Networks"])
    assert networks == {f"{platform.project}_stores"}
    assert json.loads(run("docker", "network", "inspect", *networks))[0]["Internal"] is True


def test_no_secret_is_in_the_image_or_in_the_environment_of_web(platform: Stack) -> None:
    image = inspect(inspect(platform.containers("web")[0])["Image"])
    names = {line.partition("=")[0] for line in image["Config"]["Env"]}
    assert {name for name in names if "SECRET" in name or "PASSWORD" in name} == set()
    (web, _) = platform.containers("web")
    key = platform.execute(web, "cat", "/data/secret_key").strip()
    assert len(key) >= 50
    for service in (*OURS, "init"):
        environment = inspect(platform.containers(service)[0])["Config"]["Env"]
        assert [line for line in environment if key in line] == []
        told = [line for line in environment if PASSWORD in line]
        assert bool(told) == (service == "init")
    assert PASSWORD not in platform.logs()


def test_a_second_start_changes_nothing(platform: Stack) -> None:
    (web, _) = platform.containers("web")
    before = platform.execute(web, "cat", "/data/secret_key")
    platform.up("--scale", "worker=3", "--scale", "web=2")
    (web, _) = platform.containers("web")
    assert platform.execute(web, "cat", "/data/secret_key") == before


def test_forwarded_header_does_not_bypass_the_rate_limit(platform: Stack) -> None:
    (proxy,) = platform.containers("proxy")
    guess = (
        "for n in $(seq 80); do curl -s -o /dev/null -w '%{http_code}\\n' "
        '-H "X-Forwarded-For: 203.0.113.$n" http://localhost:8080/take-home/WRNG2345/; done'
    )
    answered = platform.execute(proxy, "bash", "-c", guess).split()
    assert set(answered) == {"404", "429"}


def test_plain_http_is_redirected_except_for_localhost(platform: Stack) -> None:
    with closing(HTTPConnection("localhost", platform.http_port, timeout=10)) as connection:
        connection.request("GET", "/login/?next=/", headers={"Host": "tests.example.com"})
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (
            308,
            f"https://tests.example.com:{platform.https_port}/login/?next=/",
        )
        answer.read()


def test_deployment_stops_within_ten_seconds_and_starts_again(platform: Stack) -> None:
    began = time.monotonic()
    platform.compose("stop")
    took = time.monotonic() - began
    report("stop", took)
    assert took < 10
    codes = {
        service: [inspect(c)["State"]["ExitCode"] for c in platform.containers(service)]
        for service in ("redis", "proxy")
    }
    assert codes == {"redis": [0], "proxy": [0]}
    report("second start", platform.up("--scale", "worker=3", "--scale", "web=2"))
    wait_until(lambda: answers(f"{platform.origin}/login/"), "it does not answer", 60)
