"""Lessons around a workbook: exercises that are handed out, and folders of them that come back.

`exercise_file` is what both sides read, `exercises/` makes what is handed out, `grading/`
reads what comes back. What a cell computes, and whether that is right, is for
`verification` to say: nothing here compares a formula.
"""
