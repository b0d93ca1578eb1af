"""Webhooks: send every change of an interview's status, signed, to the team's own addresses.

The write that changes a row also marks it (`interviews.outbox`). `outbox_relay` turns the mark into
one delivery per webhook, and `delivery` retries each for about a day until the receiver answers
2xx.
"""
