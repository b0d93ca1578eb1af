"""E-mail to candidates and administrators: what is due, what it says, and that it is sent."""
