"""E-mail to candidates: which message is due, what it says, and that it is sent."""
