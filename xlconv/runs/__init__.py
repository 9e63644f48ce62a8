"""Runs of verification over many files: what is asked of each, who checks it, and its result.

A file is checked by itself, in this process, in others or on a cluster; what comes back is
light, and in the order that was given. Never looks at a cell, and never prints.
"""
