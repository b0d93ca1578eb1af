"""The texts that people see, in each language: found in the code, translated, compiled.

`make messages` calls these modules; no process of the platform imports them. Babel needs no tools
of the machine, where Django's own commands need GNU gettext.
"""
