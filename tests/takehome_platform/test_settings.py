"""Every setting is explained in .env.example, and a wrong one fails loudly with its name."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from takehome_platform.env_validators import parse_database_url

ROOT = Path(__file__).resolve().parents[2]
READS = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')


# It imports what the settings import, which takes most of the time. Each script runs in a process
# of its own, where no module of ours was imported yet and only what is given is in the environment.
LOADER = """
import json, os, sys, traceback
import takehome_platform.settings
OURS = ("takehome_platform", "operations", "interviews")
for name in [each for each in sys.modules if each.split(".")[0] in OURS]:
    del sys.modules[name]
for line in sys.stdin:
    variables, script, out = json.loads(line)
    child = os.fork()
    if child == 0:
        file = os.open(out, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, 1), os.dup2(file, 2)
        os.environ.clear()
        os.environ.update(variables)
        code = 0
        try:
            exec(script, {})
        except BaseException:
            traceback.print_exc()
            code = 1
        sys.stdout.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Loader:
    """A process that runs scripts with the settings of given variables."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.process = process
        self.folder = folder

    def run(self, script: str, variables: dict[str, str]) -> tuple[int, str]:
        """The exit code, and what was said."""
        out = self.folder / "out"
        out.unlink(missing_ok=True)
        assert self.process.stdin and self.process.stdout
        given = {"PATH": os.environ["PATH"], **variables}
        self.process.stdin.write(json.dumps([given, script, str(out)]) + "\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        return code, out.read_text()

    def load(self, **variables: str) -> str:
        """The last line of a process that loads the settings with these variables alone."""
        code, said = self.run("import takehome_platform.settings", variables)
        return said.strip().splitlines()[-1] if code else "loaded"

    def values(self, names: str, **variables: str) -> list[str]:
        """These settings as a process has them that is given these variables."""
        script = f"from takehome_platform import settings as s\nfor v in ({names},): print(v)"
        code, said = self.run(script, {"SECRET_KEY": "k" * 50, **variables})
        assert code == 0, said
        return said.splitlines()


@pytest.fixture(scope="module")
def settings_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loader]:
    with subprocess.Popen(
        [sys.executable, "-c", LOADER],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRET_KEY": "k" * 50},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Loader(process, tmp_path_factory.mktemp("settings"))


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


def test_settings_load_with_nothing_but_a_secret_key(settings_of: Loader) -> None:
    assert settings_of.load(SECRET_KEY="k" * 50) == "loaded"


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
def test_a_wrong_setting_is_named(variables, named, settings_of: Loader) -> None:
    assert named in settings_of.load(**{"SECRET_KEY": "k" * 50} | variables if variables else {})


@pytest.mark.parametrize(("given", "days"), [("", "90"), ("1", "1"), (" 3650 ", "3650")])
def test_retention_is_a_number_of_days(given, days, settings_of: Loader) -> None:
    assert settings_of.values("s.RETENTION_DAYS", RETENTION_DAYS=given) == [days]


def test_lists_may_have_blanks_after_their_commas(settings_of: Loader) -> None:
    assert settings_of.values(
        "s.ALLOWED_HOSTS, s.ADMINS",
        ALLOWED_HOSTS="a.example.com, b.example.com,",
        ADMIN_EMAILS="ada@example.com, grace@example.com",
    ) == [
        "['a.example.com', 'b.example.com']",
        "[('', 'ada@example.com'), ('', 'grace@example.com')]",
    ]


def test_blanks_around_what_single_sign_on_is_told_are_none_of_it(settings_of: Loader) -> None:
    assert settings_of.values(
        "s.OIDC_ISSUER, s.OIDC_ROLE_CLAIM, s.OIDC_DEFAULT_ROLE, s.OIDC_ALLOWED_DOMAINS",
        OIDC_ISSUER=" https://id.example.com ",
        OIDC_ROLE_CLAIM="takehome_role ",
        OIDC_DEFAULT_ROLE=" Viewer",
        OIDC_ALLOWED_DOMAINS="example.com, example.org",
    ) == ["https://id.example.com", "takehome_role", "Viewer", "['example.com', 'example.org']"]


def test_a_mail_server_is_asked_at_the_port_of_its_kind(settings_of: Loader) -> None:
    read = "s.EMAIL_PORT, s.EMAIL_HOST"
    assert settings_of.values(read, EMAIL_URL="smtp+tls://u:p@mail.example.com") == [
        "587",
        "mail.example.com",
    ]
    assert settings_of.values(read, EMAIL_URL="smtp+ssl://mail.example.com:2465") == [
        "2465",
        "mail.example.com",
    ]


def test_secret_key_may_be_in_a_file(tmp_path, settings_of: Loader) -> None:
    (tmp_path / "key").write_text("k" * 50 + "\n")
    assert settings_of.load(SECRET_KEY_FILE=str(tmp_path / "key")) == "loaded"


def test_env_example_works_as_it_stands_once_it_has_a_secret_key(settings_of: Loader) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    assert settings_of.load(**variables | {"SECRET_KEY": "k" * 50}) == "loaded"


@pytest.mark.parametrize(
    ("url", "seconds"),
    [("postgres://u:p@db/n", 5), ("postgres://u:p@db/n?connect_timeout=10&sslmode=require", 10)],
)
def test_page_does_not_wait_for_a_database_that_hangs(url: str, seconds: int) -> None:
    assert parse_database_url("DATABASE_URL", url)["OPTIONS"]["connect_timeout"] == seconds
