"""How the server itself writes times, where no script puts them in the viewer's zone: the admin."""
