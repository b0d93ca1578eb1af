"""The texts of emails to candidates, of which administrators can edit each.

What was not edited is the product's: `standard` writes it with placeholders, from the templates
and subjects that are sent.
"""
