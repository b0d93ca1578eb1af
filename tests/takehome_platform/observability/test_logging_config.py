"""No log line has a secret, also none of a library."""

import io
import logging
import logging.config

import pytest
import structlog

from takehome_platform.observability import logging_config


@pytest.fixture(params=[True, False])
def written(request):
    """The output of the platform's log handler, readable and JSON."""
    formatter = logging_config.configure_logging(readable=request.param)["formatters"]["lines"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    logger = logging.getLogger("test.logs")
    logger.propagate = False
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)
    logger.propagate = True


@pytest.mark.parametrize(
    "path",
    [
        "/take-home/ABCD2345/",
        "/take-home/ABCD2345/start",
        "/interview/ABCD2345/",
        "/api/interviews/by-passcode/ABCD2345",
        "/api/takehome/ABCD2345/revoke",
        "/api/events?passcode=ABCD2345&after=1-0",
    ],
)
def test_passcode_in_a_path_is_masked(written, path):
    logging.getLogger("test.logs").error("Internal Server Error: %s", path)
    try:
        raise RuntimeError(f"at {path}")
    except RuntimeError:
        logging.getLogger("test.logs").exception("failed")
    structlog.get_logger("test.logs").warning("refused", path=path, request=[path])
    text = written.getvalue()
    assert text.count("•••") + text.count("\\u2022" * 3) >= 4
    assert "ABCD2345" not in text


def test_other_fields_are_unchanged(written):
    structlog.get_logger("test.logs").warning("event_lost", reason="ConnectionError", attempts=3)
    text = written.getvalue()
    assert "event_lost" in text
    assert "ConnectionError" in text
    assert "3" in text


@pytest.mark.parametrize(
    "text",
    [
        "password=hunter2&next=/",
        "{'password': 'hunter2', 'user': 'ada'}",
        '{"client_secret": "hunter2"}',
        "Authorization: Bearer hunter2",
        "csrftoken=hunter2; path=/",
        "Cookie sessionid=hunter2; opened=1",
        "METRICS_TOKEN=hunter2",
        "GET /api/interviews/thp_hunter2-_x",
        "Unexpected auth - 'Token thp_hunter2'",
        "bad key whsec_hunter2+/=",
        "Error 111 connecting to redis://:hunter2@redis.internal:6379/0.",
        "postgres://ada:hunter2@db.internal/takehome refused",
    ],
)
def test_secret_in_a_text_is_masked(written, text):
    logging.getLogger("test.logs").error("failed: %s", text)
    assert "•••" in written.getvalue()
    assert "hunter2" not in written.getvalue()


@pytest.mark.parametrize("field", ["password", "new_password", "api_token", "Cookie", "session"])
def test_field_named_like_a_secret_is_masked(written, field):
    structlog.get_logger("test.logs").warning("odd", **{field: "hunter2"})
    assert "hunter2" not in written.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "The password is too short.",
        "/interviews/takehome_20300101_ab12/logs/",
        "https://tests.example.com:8000/path",
        "a token of each role",
    ],
)
def test_text_without_a_secret_is_unchanged(written, text):
    logging.getLogger("test.logs").error("said: %s", text)
    assert f"said: {text}" in written.getvalue()


@pytest.mark.parametrize(
    "character",
    ["\n", "\r", "\x0b", "\x00", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029", "\u202e"],
)
def test_a_visitor_forges_no_line(written, character):
    structlog.get_logger("test.logs").warning("request", path=f"/a{character}[info] all is well")
    logging.getLogger("test.logs").error("Not Found: %s", f"/b{character}[info] all is well")
    text = written.getvalue()
    assert text.count("\n") == len(text.splitlines()) == 2
    assert character not in text.replace("\n", "")
    assert f"\\u{ord(character):04x}[info]" in text or "\\n[info]" in text or "\\r[info]" in text


def test_traceback_keeps_its_lines(written):
    try:
        raise RuntimeError("first\nsecond \x1b[2J")
    except RuntimeError:
        logging.getLogger("test.logs").exception("failed")
    text = written.getvalue().replace("\\n", "\n")
    assert "first\nsecond" in text
    assert "\x1b" not in text
