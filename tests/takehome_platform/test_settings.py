"""Every setting is explained in .env.example, and a wrong one fails loudly with its name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READS = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')


def load(**variables: str) -> str:
    """The last line that a process says which loads the settings with these variables alone."""
    result = subprocess.run(
        [sys.executable, "-c", "import takehome_platform.settings"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stderr.strip().splitlines()[-1] if result.returncode else "loaded"


def test_env_example_explains_exactly_the_settings_there_are():
    read = set(READS.findall((ROOT / "takehome_platform/settings.py").read_text()))
    explained = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(explained) == sorted(read)


def test_settings_load_with_nothing_but_a_secret_key():
    assert load(SECRET_KEY="k" * 50) == "loaded"


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ({"DYNAMODB_ENDPOINT_URL": "dynamodb"}, "DYNAMODB_ENDPOINT_URL"),
        ({"TABLE_PREFIX": "a b/"}, "TABLE_PREFIX"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"METRICS_PORT": "http"}, "METRICS_PORT"),
        ({"METRICS_PORT": "65536"}, "METRICS_PORT"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
    ],
)
def test_a_wrong_setting_is_named(variables, named):
    assert named in load(**{"SECRET_KEY": "k" * 50} | variables if variables else {})


def test_env_example_works_as_it_stands_once_it_has_a_secret_key():
    lines = (ROOT / ".env.example").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    assert load(**variables | {"SECRET_KEY": "k" * 50}) == "loaded"
