"""A whole round of a challenge: candidates, checks, reviews, comparison, decisions, webhooks."""
