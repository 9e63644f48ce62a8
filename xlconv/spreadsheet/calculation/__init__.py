"""What the formulas say: every block evaluated at once, in the order of their dependencies.

Never takes a cached value but where a formula is volatile; never writes a cell.
"""
