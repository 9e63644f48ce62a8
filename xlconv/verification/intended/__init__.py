"""What a workbook should compute: networks with their places, as somebody says they are.

Where they come from, and what is missing of them. Never looks at what formulas give.
"""
