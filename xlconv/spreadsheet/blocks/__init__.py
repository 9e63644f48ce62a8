"""Blocks: lattices of cells with one formula tree for all of them.

Writing needs `plane` (where entries stand), `halo` (the cells around them) and `block` (a
plane's formulas -> cells); reading finds a `pattern` for each block, in `grouping`. `reach`
and `area_index` answer what blocks refer to, and which blocks are there.

Never evaluates a formula, never opens a file.
"""
