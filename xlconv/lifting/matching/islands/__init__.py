"""Islands: a few formulas side by side, with none around them, as small planes stand.

So few cells tell a pattern badly: one that is odd breaks it into single formulas. `places`
finds islands, `patterns` what their cells may all be, `weighing` takes what makes layers.
"""
