"""Keep the progress of one running workspace.

Whatever fails is only logged, and the next turn makes up for it: a test is never harmed. Contents
come first, then the list, and last the rows, in one transaction that needs the claim. A worker that
dies or comes too late leaves files that no row names; they go with the interview.
"""

from operations.progress.keep.turns import keep, keep_last

__all__ = ["keep", "keep_last"]
