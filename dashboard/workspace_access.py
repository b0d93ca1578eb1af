"""The workspace that an address names."""

from django.http import Http404

from operations.reaper.models import Orphan

# No database holds a greater one.
MAX_ID = 2**63 - 1


def orphan_or_404(orphan_id: int) -> Orphan:
    """Raises Http404."""
    found = Orphan.objects.filter(pk=orphan_id).first() if 0 < orphan_id <= MAX_ID else None
    if found is None:
        raise Http404("There is no such workspace.")
    return found
