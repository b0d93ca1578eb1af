"""How long, how many and how far ahead: the limits of invitations, and their defaults."""

from datetime import timedelta

DURATIONS = (30, 45, 60, 90, 120, 180, 240)
MAX_DURATION = 8 * 60
DEFAULT_DURATION = 240
DEFAULT_LIVE_DURATION = 60
MAX_ALLOWANCE = 100
MAX_AHEAD = timedelta(days=366)
MAX_VALID_DAYS = 30
DEFAULT_VALID_DAYS = 7
MAX_NAME = 200
MAX_INSTRUCTIONS = 5_000
MAX_EMAIL = 254
MAX_INTERVIEWERS = 10
# As Django limits it.
MAX_USERNAME = 150
