"""The Django project: settings and their checks, URLs, the API, errors, health, metrics and logs.

It also starts the platform: `bootstrap` in containers and `local_stack` for `make run`. Rules about
interviews belong to `interviews` and `operations`.
"""

# First: every process, whichever program it runs, imports this package for its settings.
from interviews.local_time import zone_data  # noqa: F401
from takehome_platform.celery import app as celery_app

__all__ = ["celery_app"]
