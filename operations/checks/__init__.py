"""Automated checks of submissions: their runs, which are a queue in the SQL database.

A run is keyed by the interview's id, as interviews are in DynamoDB; `cleanup` deletes it with it.
"""
