"""Networks: layers in order, shapes, weights, and their description. Never knows a cell."""
