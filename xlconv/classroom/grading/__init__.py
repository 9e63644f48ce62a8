"""A folder of workbooks that came back -> points, causes and pages, file by file.

Road: `submissions` finds whose file is whose, `answer_key` says where the solution has the
cells that were asked for, `standard` holds a file against it in any process of `runs`,
`marking` says of each cell whether it is right by itself, `points` what that is worth, and
`output/` tells it. What is right is proven by `verification`; nothing here evaluates a formula.
"""
