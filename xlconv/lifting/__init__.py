"""The road in: the networks, layouts and names that a workbook's formulas spell.

Never writes a cell, never says whether one is right, and imports nothing of `lowering`.
"""
