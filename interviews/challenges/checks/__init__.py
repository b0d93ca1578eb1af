"""The automated checks of a challenge: part of its files, in a folder that candidates never get."""
