"""Tells whether a shop was paid what its orders say."""
