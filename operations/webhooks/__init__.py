"""Webhooks: every change of an interview's status, signed, to the addresses of the team's choice.

A change is marked in the row that has it (`interviews.outbox`), `changes` turns the mark into one
delivery per webhook, and `delivery` sends each until it is answered with 2xx, or for about a day.
"""
