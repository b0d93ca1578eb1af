"""How long a candidate will wait for the workspace, in plain words."""
