"""The platform as the model of the life cycle sees it: one process, one clock, one queue."""
