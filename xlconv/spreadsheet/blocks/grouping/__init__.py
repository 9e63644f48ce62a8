"""A sheet -> its blocks: which formula cells are one pattern, copied over a lattice.

`group` is the whole of it. `growing` makes blocks from single cells, by the `guesses` that
neighbours vote for (`strides`) or that stand between others (`interleaving`), and by
comparing lines (`matching_lines`); `merging` joins what a fault split, with the lines of
`widening` (by the `areas_read`); `ragged_edges` takes apart what was never one. `uppercase`
comes before all of them; `formula_index` is what cells are looked up in.

Never evaluates a formula: only texts and places are compared.
"""
