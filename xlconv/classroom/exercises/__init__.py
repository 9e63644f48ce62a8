"""Exercises: a workbook with some of its cells emptied or wrong, that checks itself.

`targets` finds what is to be emptied, `respelling` spells a formula in another way, `marks` makes
of that the hidden cells that say which ones are right, `tasks_sheet` the sheet that a student
reads first, `exercise` the files. Never judges a workbook that comes back: that is for `grading`.
"""
