"""How log lines look, and what never gets into one: a passcode is a key, and paths hold it."""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# What stands behind these in a path or an address is a candidate's passcode.
_BEFORE_PASSCODE = re.compile(r"((?:/take-home/|/by-passcode/|/takehome/|passcode=))[^/\s&'\"<>]+")


def hide_passcodes(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Replace every passcode in a line, wherever it comes from; a traceback included."""
    return {key: _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, int | float | bool | None):
        return value
    return _BEFORE_PASSCODE.sub(r"\1•••", value if isinstance(value, str) else repr(value))


_SHARED: list[Processor] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure(*, readable: bool) -> dict[str, Any]:
    """Set structlog up, and return Django's LOGGING: lines for people, or JSON for machines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        # The prettier tracebacks print local variables, and those hold passwords.
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
        if readable
        else structlog.processors.JSONRenderer()
    )
    lines = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "foreign_pre_chain": _SHARED,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            hide_passcodes,
            renderer,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": lines},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django would print each line a second time by itself.
            "django": {"handlers": [], "propagate": True},
            # A wrong address is the visitor's affair.
            "django.request": {"level": "ERROR"},
            "django.channels.server": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            # A tick every two seconds is no news.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "pynamodb": {"level": "WARNING"},
        },
    }
