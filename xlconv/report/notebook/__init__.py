"""What is shown at a prompt and in a notebook: a screen of text, and HTML with heat maps.

Every result of xlconv is `Shown`; the door says that `drawings` draws them. Finds nothing out.
"""
