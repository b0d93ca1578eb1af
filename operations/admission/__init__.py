"""Admission: how many workspaces an engine may run, and who waits in line for a place.

An engine with a limit (`limits`) has at most that many places, and each workspace takes one from
the moment its start is admitted until it is gone. A start that finds no place waits: its operation
stays pending and its interview *activated*, no worker holds it, and its row here says where in the
line it is. What is held is counted from the rows, under a lock of the engine, so that no counter
can drift, and a worker that dies leaks no place (`sweep`).

A workspace that is restarted has its place already, so that a restart never waits. Without a limit
there are no rows, and nothing but the sweep looks for one.
"""
