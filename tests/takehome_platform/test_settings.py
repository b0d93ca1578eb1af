"""Every setting is explained in .env.example, and a wrong one fails loudly with its name."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from takehome_platform.env_validators import parse_database_url

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


def test_store_that_does_not_answer_is_given_up_within_minutes():
    code = (
        "from storages.backends.s3 import S3Storage;"
        "from takehome_platform.settings import STORAGES;"
        "config = S3Storage(**STORAGES['default']['OPTIONS']).client_config;"
        "print(config.read_timeout, config.retries['total_max_attempts'])"
    )
    output = subprocess.check_output(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "k" * 50, "FILES_BUCKET": "files"}
        | {"DJANGO_SETTINGS_MODULE": "takehome_platform.settings"},
        text=True,
    )
    assert output.split() == ["20", "3"]


def test_settings_load_with_nothing_but_a_secret_key():
    assert load(SECRET_KEY="k" * 50) == "loaded"


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere/key"}, "SECRET_KEY_FILE"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ({"DYNAMODB_ENDPOINT_URL": "dynamodb"}, "DYNAMODB_ENDPOINT_URL"),
        ({"TABLE_PREFIX": "a b/"}, "TABLE_PREFIX"),
        ({"DEBUG": "perhaps"}, "DEBUG"),
        ({"METRICS_PORT": "http"}, "METRICS_PORT"),
        ({"METRICS_PORT": "65536"}, "METRICS_PORT"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT"),
        ({"STREAMS_PER_ADDRESS": "many"}, "STREAMS_PER_ADDRESS must be a whole number"),
        ({"STREAMS_PER_ADDRESS": "-1"}, "STREAMS_PER_ADDRESS must be a whole number"),
        *(
            ({"RETENTION_DAYS": wrong}, "RETENTION_DAYS must be a whole number of days")
            for wrong in ("0", "3651", "-1", "1.5", "a year", "\u0663", "99999")
        ),
        ({"DATABASE_URL": "takehome"}, "DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_named(variables, named):
    assert named in load(**{"SECRET_KEY": "k" * 50} | variables if variables else {})


def values(names: str, **variables: str) -> list[str]:
    """These settings as a process has them that is given these variables."""
    script = f"from takehome_platform import settings as s\nfor v in ({names},): print(v)"
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "k" * 50, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()


@pytest.mark.parametrize(("given", "days"), [("", "90"), ("1", "1"), (" 3650 ", "3650")])
def test_retention_is_a_number_of_days(given, days):
    assert values("s.RETENTION_DAYS", RETENTION_DAYS=given) == [days]


def test_lists_may_have_blanks_after_their_commas():
    assert values(
        "s.ALLOWED_HOSTS, s.ADMINS",
        ALLOWED_HOSTS="a.example.com, b.example.com,",
        ADMIN_EMAILS="ada@example.com, grace@example.com",
    ) == [
        "['a.example.com', 'b.example.com']",
        "[('', 'ada@example.com'), ('', 'grace@example.com')]",
    ]


def test_blanks_around_what_single_sign_on_is_told_are_none_of_it():
    assert values(
        "s.OIDC_ISSUER, s.OIDC_ROLE_CLAIM, s.OIDC_DEFAULT_ROLE, s.OIDC_ALLOWED_DOMAINS",
        OIDC_ISSUER=" https://id.example.com ",
        OIDC_ROLE_CLAIM="takehome_role ",
        OIDC_DEFAULT_ROLE=" Viewer",
        OIDC_ALLOWED_DOMAINS="example.com, example.org",
    ) == ["https://id.example.com", "takehome_role", "Viewer", "['example.com', 'example.org']"]


def test_a_mail_server_is_asked_at_the_port_of_its_kind():
    read = "s.EMAIL_PORT, s.EMAIL_HOST"
    assert values(read, EMAIL_URL="smtp+tls://u:p@mail.example.com") == ["587", "mail.example.com"]
    assert values(read, EMAIL_URL="smtp+ssl://mail.example.com:2465") == [
        "2465",
        "mail.example.com",
    ]


def test_secret_key_may_be_in_a_file(tmp_path):
    (tmp_path / "key").write_text("k" * 50 + "\n")
    assert load(SECRET_KEY_FILE=str(tmp_path / "key")) == "loaded"


def test_env_example_works_as_it_stands_once_it_has_a_secret_key():
    lines = (ROOT / ".env.example").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    assert load(**variables | {"SECRET_KEY": "k" * 50}) == "loaded"


@pytest.mark.parametrize(
    ("url", "seconds"),
    [("postgres://u:p@db/n", 5), ("postgres://u:p@db/n?connect_timeout=10&sslmode=require", 10)],
)
def test_page_does_not_wait_for_a_database_that_hangs(url: str, seconds: int) -> None:
    assert parse_database_url("DATABASE_URL", url)["OPTIONS"]["connect_timeout"] == seconds
