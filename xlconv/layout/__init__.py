"""Where every tensor of a network stands on the sheet: the noun that both roads share.

Places and names only; never writes a formula and never reads a cell.
"""
