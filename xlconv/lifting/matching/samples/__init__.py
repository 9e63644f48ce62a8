"""Batches: layers that one formula computes for several samples side by side.

Such a block is many vectors: `sample_axes` says which lines of it are samples, `ones` where
weights meet a cell that always holds one, and `sample_blocks` takes the blocks apart, sample
by sample, so that each is a vector like any other.
"""
