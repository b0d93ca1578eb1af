"""Progress: what a candidate's files were every few minutes while the workspace ran.

`keep` looks at a running workspace and keeps a state: the list of its files, whose contents are
stored once per interview. `docs/progress.md` says what is kept, for how long, and who sees it.
"""
