"""Blocks: lattices of cells with one formula tree, and how they are found in a sheet.

Never evaluates a formula, never opens a file.
"""
