"""Reviews of submissions: scorecards, their reviewers, and the decision on the candidate.

Rows are keyed by the interview's id, as interviews are in DynamoDB; `cleanup` deletes them with it.
"""
