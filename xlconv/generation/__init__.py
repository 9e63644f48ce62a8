"""What is asked for -> a finished workbook: which network, weights and input, and how written.

What `xlconv generate` and `xlconv.generate` share. What a preset is lives in `presets`.
"""
