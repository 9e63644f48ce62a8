"""Blocks to tensors: which layer a block's formula spells, and which blocks are one tensor.

Looks at formulas and places, never at cached values; changes nothing that it is given.
"""
