"""Why cells compute something else than they should, in the words of who made the slip.

Each cause is only told where it is certain; otherwise nothing is said. Never judges a cell.
"""
