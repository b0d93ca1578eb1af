"""The files of a workspace: its volume, reading and writing it, and the export of an archive."""
