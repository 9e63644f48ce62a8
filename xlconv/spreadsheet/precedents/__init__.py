"""Which cells a formula reads, and which cells' formulas read a cell.

`references` takes the formulas apart, `region` holds sets of cells, `precedents` follows
the ones from the others in either direction. Never looks at values.
"""
