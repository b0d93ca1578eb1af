"""E-mails that members of staff chose to get when something happens to an interview."""
