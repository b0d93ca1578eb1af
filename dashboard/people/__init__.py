"""People of staff: invite them, change their roles, and keep them out."""
