"""The platform as several hosts run it, with a proxy before its tables, and a judge beside it."""
