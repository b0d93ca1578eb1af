"""The ASGI application for Daphne: the event stream, and Django for everything else."""

import os
from threading import Timer

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "takehome_platform.settings")
# Must come first: it loads the apps, which the modules below need.
django.setup(set_prefix=False)

from dashboard.presenters.submissions.notebook import load_reader  # noqa: E402
from operations.sse.consumer import EventStream  # noqa: E402
from takehome_platform.checks.startup import require_valid_settings  # noqa: E402

require_valid_settings()
from takehome_platform.observability.request_logging import log_stream  # noqa: E402
from takehome_platform.request_handler import ThreadHandler  # noqa: E402
from takehome_platform.request_limits import server  # noqa: E402
from takehome_platform.sse_authorization import authorize_stream  # noqa: E402

# Seconds from the start until it loads what no start, but a page needs: by then it answers.
LOAD_LATER_SECONDS = 5.0

server.install()
loading = Timer(LOAD_LATER_SECONDS, load_reader)
loading.daemon = True
loading.start()
stream = EventStream.as_asgi(audience=authorize_stream)
application = ProtocolTypeRouter(
    {
        "http": URLRouter(
            [
                path("api/events", log_stream(AuthMiddlewareStack(stream))),
                re_path("", ThreadHandler()),  # type: ignore[arg-type]
            ]
        )
    }
)
