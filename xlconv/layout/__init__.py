"""Where every tensor of a network stands on the sheet: the noun that both roads share.

Places, names, and the formulas of the cells beside the tensors: links and metrics. Never writes
a sheet and never reads one.
"""
