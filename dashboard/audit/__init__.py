"""The audit trail as staff reads it, and the entries that Django's own signals lead to."""
