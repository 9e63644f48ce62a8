"""A file for each kind of check: facts and what earlier checks found -> what this one finds.

A check returns its result and changes nothing that it was given.
"""
