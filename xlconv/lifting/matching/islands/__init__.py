"""Islands: a few formulas side by side, with none around them, as small planes stand.

So few cells tell a pattern badly: one that is odd breaks it into single formulas. `places`
finds islands, `labelled_islands` takes those that labels tell of, `lone_cells` finds formulas
that stand alone, and `patterns` what their cells may all be; `questions` asks which of them may
be odd, `ways` makes what they would be then, and `weighing` takes what explains the most, as
`explained` counts it.
"""
