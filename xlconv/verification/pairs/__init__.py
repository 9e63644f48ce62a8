"""Two formulas for one cell, tried against each other on drawn numbers.

What a cell holds and what it should hold in; whether both give the same out. Needs no network,
and never says what that means for a file.
"""
