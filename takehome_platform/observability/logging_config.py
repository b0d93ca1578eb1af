"""Log format, and the masking of passcodes, passwords, tokens and sessions in every log line."""

import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from interviews.dynamodb import missing_index_message

HIDDEN = "•••"
# The value of a field with such a name is masked.
_SECRET_FIELD = re.compile(r"passw|passcode|secret|token|cookie|csrf|session|authorization", re.I)
# In any text, what follows these is masked.
_SECRETS = [
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # A path or an address with a candidate's passcode.
        (
            r"((?:/take-home/|/interview/|/by-passcode/|/takehome/|passcode=))[^/\s&'\"<>]+",
            rf"\1{HIDDEN}",
        ),
        # The path of a page where a person sets a password.
        (r"(/password/[^/\s&'\"<>]+/)[^/\s&'\"<>]+", rf"\1{HIDDEN}"),
        # name=value, "name": "value", and the header of a token.
        (
            r"(\b\w*(?:password|secret|token|sessionid)['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;<>)}\]]+",
            rf"\1{HIDDEN}",
        ),
        (r"(\bbearer\s+)[\w.~+/=-]+", rf"\1{HIDDEN}"),
        # Our own tokens and webhook secrets have a prefix.
        (r"\b(thp_|whsec_)[\w+/=-]+", rf"\1{HIDDEN}"),
        # The password in the address of a store.
        (r"(://[^/\s:@]*:)[^/\s@]+(?=@)", rf"\1{HIDDEN}"),
    )
]


# A path may have such characters: they could forge a line, command a terminal, or reorder the text.
_ABOVE_ASCII = r"\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_CONTROL_CHARACTERS = re.compile(rf"[\x00-\x1f{_ABOVE_ASCII}]")
_EXCEPT_LINE_BREAKS = re.compile(rf"[\x00-\x09\x0b-\x1f{_ABOVE_ASCII}]")


def hide_secrets(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Structlog processor: mask every secret in a line, also in a traceback."""
    return {
        key: HIDDEN if _SECRET_FIELD.search(key) else _hidden(value) for key, value in event.items()
    }


def _hidden(value: Any) -> Any:
    if isinstance(value, int | float | bool | None):
        return value
    text = value if isinstance(value, str) else repr(value)
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def escape_fields(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Structlog processor for readable lines: one line each, but for tracebacks."""
    return {
        key: _escape(value, _EXCEPT_LINE_BREAKS if key == "exception" else _CONTROL_CHARACTERS)
        for key, value in event.items()
    }


def escape_line(logger: WrappedLogger, name: str, line: Any) -> str:
    """Structlog processor for JSON lines, in which only the first 32 characters are escaped yet."""
    return str(_escape(line, _CONTROL_CHARACTERS))


def _escape(value: Any, characters: re.Pattern[str]) -> Any:
    """In a text, replace each of these characters by its escape in JSON."""
    if not isinstance(value, str):
        return value
    return characters.sub(lambda match: f"\\u{ord(match[0]):04x}", value)


def add_remedy(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Structlog processor: add `todo` to an error that an operator can fix, as a missing index."""
    info = event.get("exc_info")
    error = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info is True else info
    todo = missing_index_message(error) if isinstance(error, BaseException) else None
    return event if todo is None else {**event, "todo": todo}


_SHARED: list[Processor] = [
    # The ids of request, operation and interview, also in the lines of libraries.
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


# A single list, because a logger keeps the one that was configured at its first use.
_OURS: list[Processor] = [*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def configure_logging(*, readable: bool) -> dict[str, Any]:
    """Configure structlog, and return Django's LOGGING with readable lines or JSON lines."""
    structlog.configure(
        processors=_OURS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    render: list[Processor] = (
        [
            escape_fields,
            # Structlog's rich tracebacks print local variables, which may hold passwords.
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            ),
        ]
        if readable
        else [structlog.processors.JSONRenderer(ensure_ascii=False), escape_line]
    )
    lines = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "foreign_pre_chain": _SHARED,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            add_remedy,
            structlog.processors.format_exc_info,
            hide_secrets,
            *render,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": lines},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django's own handlers would print each line a second time.
            "django": {"handlers": [], "propagate": True},
            # A 404 is not an error of the platform.
            "django.request": {"level": "ERROR"},
            "django.channels.server": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            # There is a tick every two seconds.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "pynamodb": {"level": "WARNING"},
        },
    }
