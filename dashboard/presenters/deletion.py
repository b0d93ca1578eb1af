"""What a deletion deletes, in the words of those who ask for it."""

from django.utils.translation import gettext as _

from operations.candidate_data.inventory import Inventory


def deleted_parts(inventory: Inventory) -> list[str]:
    """What somebody would miss. How it is stored, such as terms of the search, goes unsaid."""
    parts = (
        (inventory.interviews, _("Name, email address and all details")),
        (inventory.archives, _("Submitted files")),
        (inventory.reviews or inventory.decisions, _("Reviews and decisions")),
        (inventory.check_runs, _("Results of checks")),
        (inventory.progress_states, _("Progress")),
        (inventory.operations or inventory.log_lines, _("Activity log")),
        (inventory.emails, _("The list of emails, but not what was received")),
        (inventory.import_rows, _("Rows in bulk invites")),
        (inventory.webhook_messages, _("The name in messages to other systems")),
        (inventory.old_rows, _("The record in the earlier portal")),
    )
    return [words for count, words in parts if count]
