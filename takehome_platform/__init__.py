"""Wiring only, no rules."""

from takehome_platform.celery import app as celery_app

__all__ = ["celery_app"]
