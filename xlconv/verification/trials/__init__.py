"""Formulas tried on drawn numbers: whether cells compute what they should for any input.

Blocks and intentions in, which cells gave the same as their layers out. Never says what that
means for a file.
"""
