"""What people and machines see: text, tables, JSON, SVG and annotated copies of what is known.

Finds nothing out by itself.
"""
