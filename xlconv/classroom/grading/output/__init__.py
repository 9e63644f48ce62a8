"""What is told of a graded class: tables, pages, feedback for students, formats for machines.

Everything that strangers wrote is text here: escaped on pages, and never a formula in a table.
"""
