"""Edit an invitation, and reschedule a live interview.

Link, passcode and password stay. Each change is one conditional write: a start that races it finds
the interview either as it was or as it is now, never in between.
"""
