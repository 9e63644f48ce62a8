"""Blocks that match alike to one tensor: a join for every way in which they stand for it.

A join takes a draft and returns another with the tensor, or the very same where it makes none.
"""
