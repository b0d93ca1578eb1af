"""Date and time formats of pages without a script that shows the viewer's time zone: the admin."""
