"""The Django project: settings and their checks, URLs, the API, errors, health, metrics and logs.

It also starts the platform: `bootstrap` in containers and `local_stack` for `make run`. Rules about
interviews belong to `interviews` and `operations`.
"""

import gc

# Before all other imports, which make 200 thousand objects that stay: Python's default, a
# collection for each 700 new ones, looks at them again and again, a fifth of the time of a start.
gc.set_threshold(50_000)

# First: every process, whichever program it runs, imports this package for its settings.
from interviews.local_time import zone_data  # noqa: E402, F401
from takehome_platform.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
