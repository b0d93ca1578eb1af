"""Everything that is stored about one candidate: find it, export it, delete it.

`docs/candidate-data.md` says what is stored where, and for how long.
"""
