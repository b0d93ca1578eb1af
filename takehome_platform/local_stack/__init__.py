"""`make run`: start, watch and stop every service of the platform on one machine."""
