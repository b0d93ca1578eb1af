"""Engines in memory that break one rule each, to show that every rule can fail."""
