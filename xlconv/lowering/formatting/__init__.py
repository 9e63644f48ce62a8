"""The formatting of a sheet: titles, colours, lines and widths, as data for the writer.

Decides no place of a tensor and writes no file.
"""
