"""How log lines look, and what never gets into one: passcodes, passwords, tokens, sessions."""

import re
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from interviews.dynamodb import missing_index_message

HIDDEN = "•••"
# A field of such a name is a secret, whatever is in it.
_SECRET_FIELD = re.compile(r"passw|passcode|secret|token|cookie|csrf|session|authorization", re.I)
# What follows these in a text is one.
_SECRETS = [
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # A path or an address with a candidate's passcode.
        (
            r"((?:/take-home/|/interview/|/by-passcode/|/takehome/|passcode=))[^/\s&'\"<>]+",
            rf"\1{HIDDEN}",
        ),
        # name=value, "name": "value", and the header of a token.
        (
            r"(\b\w*(?:password|secret|token|sessionid)['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;<>)}\]]+",
            rf"\1{HIDDEN}",
        ),
        (r"(\bbearer\s+)[\w.~+/=-]+", rf"\1{HIDDEN}"),
        # Our own tell by themselves what they are.
        (r"\b(thp_|whsec_)[\w+/=-]+", rf"\1{HIDDEN}"),
        # The password in the address of a store.
        (r"(://[^/\s:@]*:)[^/\s@]+(?=@)", rf"\1{HIDDEN}"),
    )
]


def hide_secrets(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """Replace every secret in a line, wherever it comes from; a traceback included."""
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


def say_what_to_do(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    """To an error that a person of the operations can mend, whoever logs it, add how: `todo`."""
    info = event.get("exc_info")
    error = info[1] if isinstance(info, tuple) else sys.exc_info()[1] if info is True else info
    todo = missing_index_message(error) if isinstance(error, BaseException) else None
    return event if todo is None else {**event, "todo": todo}


_SHARED: list[Processor] = [
    # Of whoever logs, libraries included: the request's, the operation's and the interview's ids.
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


# One list, however often it is configured: a logger keeps the one that it first saw.
_OURS: list[Processor] = [*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def configure(*, readable: bool) -> dict[str, Any]:
    """Set structlog up, and return Django's LOGGING: lines for people, or JSON for machines."""
    structlog.configure(
        processors=_OURS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        # The prettier tracebacks print local variables, and those hold passwords.
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
        if readable
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    lines = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "foreign_pre_chain": _SHARED,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            say_what_to_do,
            structlog.processors.format_exc_info,
            hide_secrets,
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
