"""Models in and out: .npz, ONNX, PyTorch state dicts and tables.

`save_network` and `load_network` choose by the file's name; each format has a file of
its own beside them. The libraries behind ONNX and PyTorch are extras, loaded when used.
"""

from xlconv.interop.formats import FORMATS, format_of, load_network, save_network

__all__ = ["FORMATS", "format_of", "load_network", "save_network"]
