"""A trace as text, as a picture, and as a graph for other programs."""
