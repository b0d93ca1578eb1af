"""The platform's settings with the engine of `timed_engine`."""

from takehome_platform.settings import *  # noqa: F403
from takehome_platform.settings import INSTALLED_APPS as PLATFORM_APPS

INSTALLED_APPS = [*PLATFORM_APPS, "timed_engine.TimedEngineConfig"]
