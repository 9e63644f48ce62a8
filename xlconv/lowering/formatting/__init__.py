"""How a sheet looks: titles, colours, frames and widths, as data for the writer.

Decides no place of a tensor and writes no file.
"""
