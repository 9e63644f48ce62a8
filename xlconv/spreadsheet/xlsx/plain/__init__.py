"""Worksheet parts in the plain form that spreadsheet programs write, taken apart in bulk.

The first byte outside that form hands the whole part to the streaming reader: what is refused,
and in which words, only that one says. Never guesses what an unusual part means.
"""
