"""E-mail to candidates and administrators: plan, render and send messages."""
