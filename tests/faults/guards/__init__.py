"""The lines without which something would be lost, doubled or left behind, and what notices."""

from tests.faults.guards import admission, checks, interviews, progress, workers

GUARDS = (
    *workers.GUARDS,
    *interviews.GUARDS,
    *admission.GUARDS,
    *progress.GUARDS,
    *checks.GUARDS,
)
