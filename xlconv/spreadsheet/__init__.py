"""The spreadsheet itself: cells, formulas, files and recalculation.

Knows no network, no layer and no tensor; imports nothing above itself.
"""
