"""The road out: network and layout to blocks, and blocks to a sheet that people read.

Never reads a workbook, and imports nothing of `lifting`.
"""
