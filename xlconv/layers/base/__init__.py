"""What layers share: the contract `Layer`, the kinds of layers, windows, sums and matches.

Names no layer.
"""
