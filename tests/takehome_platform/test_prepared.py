"""A process that starts beside others waits for its stores, and then becomes its command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from takehome_platform import prepared
from takehome_platform.local_stack.config import ROOT
from tests.services import wait_until


def test_waits_until_schema_and_tables_are_those_of_the_code(
    dynamodb_url: str, tmp_path: Path
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "k" * 50,
        "DJANGO_SETTINGS_MODULE": "takehome_platform.settings",
        "DATA_DIR": str(tmp_path),
        "DEBUG": "true",
        "DYNAMODB_ENDPOINT_URL": dynamodb_url,
        "TABLE_PREFIX": "prepared-",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    log, ran = tmp_path / "log", tmp_path / "ran"

    def python(*arguments: str) -> list[str]:
        return [sys.executable, "-m", *arguments]

    def said(text: str) -> bool:
        return text in log.read_text()

    with log.open("w") as out:
        command = python("takehome_platform.prepared", "touch", str(ran))
        waiting = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        wait_until(
            lambda: said("isn't migrated to this version"), "It did not say what it waits for.", 30
        )
        subprocess.run(
            python("manage", "migrate", "--verbosity", "0"), cwd=ROOT, env=environment, check=True
        )
        wait_until(lambda: said("Run manage.py create_tables."), "It did not look again.", 30)
        assert not ran.exists()
        subprocess.run(
            python("manage", "create_tables"),
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        assert waiting.wait(30) == 0
    finally:
        waiting.kill()
        waiting.wait()
    assert ran.exists()
    assert log.read_text().count("isn't migrated to this version") == 1


def test_the_command_gets_nothing_that_its_settings_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIVEN", "yes")
    monkeypatch.delenv("READ_FROM_A_FILE", raising=False)
    # As the settings do with a .env.
    monkeypatch.setattr(
        prepared, "setup_django", lambda: monkeypatch.setenv("READ_FROM_A_FILE", "secret")
    )
    monkeypatch.setattr(prepared, "wait", lambda: None)
    given: list[dict[str, str]] = []

    def execute(file: str, command: list[str], environment: dict[str, str]) -> None:
        assert (file, command) == ("daphne", ["daphne", "-p", "8000"])
        given.append(environment)

    monkeypatch.setattr(os, "execvpe", execute)
    assert prepared.main(["daphne", "-p", "8000"]) == 0
    assert given[0]["GIVEN"] == "yes"
    assert "READ_FROM_A_FILE" not in given[0]


def test_a_missing_command_is_named(capsys) -> None:
    assert prepared.main([]) == 2
    assert "Name the command to run" in capsys.readouterr().err
