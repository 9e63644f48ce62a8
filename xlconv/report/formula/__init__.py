"""A formula worked out: matrices side by side, a line for every step, or a tree."""
