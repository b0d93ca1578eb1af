"""The reaper: find workspaces on engines that no interview needs, show them, then end them."""
