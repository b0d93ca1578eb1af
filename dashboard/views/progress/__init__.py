"""Pages on which staff reads the kept progress of an interview."""
