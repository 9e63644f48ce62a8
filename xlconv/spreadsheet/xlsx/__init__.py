"""Workbooks in files: a bounded streaming reader, and a writer that keeps cached values.

Never parses a formula, never trusts what a file says of its own size.
"""
