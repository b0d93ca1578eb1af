"""View models of a submission: its tree, one file in the form that suits it, and a difference."""
