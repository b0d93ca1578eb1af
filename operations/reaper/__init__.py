"""Workspaces that an engine runs and that nobody needs: found, shown for a while, ended."""
