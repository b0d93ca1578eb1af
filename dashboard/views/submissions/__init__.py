"""Pages on which staff reads a submission, and downloads of it."""
