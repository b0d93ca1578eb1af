"""No passcode gets into a log line, whoever writes it."""

import io
import logging
import logging.config

import pytest
import structlog

from takehome_platform import logs


@pytest.fixture(params=[True, False])
def written(request):
    """What the platform's handler wrote, both for people and for machines."""
    formatter = logs.configure(readable=request.param)["formatters"]["lines"]
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
        "/api/interviews/by-passcode/ABCD2345",
        "/api/takehome/ABCD2345/revoke",
        "/api/events?passcode=ABCD2345&after=1-0",
    ],
)
def test_a_passcode_in_an_address_is_not_written(written, path):
    logging.getLogger("test.logs").error("Internal Server Error: %s", path)
    try:
        raise RuntimeError(f"at {path}")
    except RuntimeError:
        logging.getLogger("test.logs").exception("failed")
    structlog.get_logger("test.logs").warning("refused", path=path, request=[path])
    text = written.getvalue()
    assert text.count("•••") + text.count("\\u2022" * 3) >= 4
    assert "ABCD2345" not in text


def test_everything_else_is_written_as_it_is(written):
    structlog.get_logger("test.logs").warning("event_lost", reason="ConnectionError", attempts=3)
    text = written.getvalue()
    assert "event_lost" in text
    assert "ConnectionError" in text
    assert "3" in text
