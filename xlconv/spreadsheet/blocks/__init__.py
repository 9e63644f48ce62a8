"""Blocks: lattices of cells with one formula tree, and how they are found in a sheet.

Writing needs `plane` (where entries stand), `halo` (the cells around them) and `block` (a
plane's formulas -> cells). Reading goes the other way, and is best read so: `group` is the
whole of it; `pattern` is what it finds, `formula_index` what it looks cells up in.
`growing` makes blocks from single cells, by the `guesses` that neighbours vote for (`strides`)
or that stand between others (`interleaving`), and by comparing lines (`matching_lines`);
`merging` joins what a fault split, with the lines of `widening`. `uppercase` comes before
all of them. `reach` and `area_index` answer what blocks refer to, and which are there.

Never evaluates a formula, never opens a file.
"""
