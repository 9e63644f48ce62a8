"""The parts of comparing workbooks: networks layer by layer, sheets cell by cell."""
