"""How commands are asked: options that several share, choices by name, wrong usage in a line.

Never says what a command does.
"""
