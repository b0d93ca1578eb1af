"""View models of kept progress: a line over time, its states in words, and their URLs."""
