"""Submissions: the saved files of an interview, to be read one by one and compared with its start.

An archive is a tar.gz, which has no index of its own. `index` makes one beside it: derived, so it
is made again if it is lost. `submission` reads it, and of the archive only what is asked for.
"""
