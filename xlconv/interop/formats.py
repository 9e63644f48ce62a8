"""Which format a file's name asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xlconv.errors import ModelError
from xlconv.interop.npz import read_npz, write_npz
from xlconv.interop.onnx.read import read_onnx
from xlconv.interop.onnx.write import write_onnx
from xlconv.interop.state_dict import write_state_dict
from xlconv.interop.tables import write_tables
from xlconv.network.network import Network

_Write = Callable[..., None]
FORMATS: dict[str, _Write] = {
    "npz": write_npz,
    "onnx": write_onnx,
    "pt": write_state_dict,
    "csv": write_tables,
}
_READERS = {".npz": read_npz, ".onnx": read_onnx}


def format_of(path: Path) -> str:
    """Return the format that a name ends in. Raises ModelError for another ending."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS or ending == "csv":
        raise ModelError(
            f"{path}: expected a name that ends in .npz, .onnx or .pt, "
            "or --format csv for a folder of tables"
        )
    return ending


def save_network(
    network: Network,
    path: str | Path,
    format_: str | None = None,
    *,
    float32: bool = False,
    replace: bool = False,
) -> None:
    """Write a network's parameters, and what else the format holds, whole or not at all.

    Numbers are float64, or float32 where that is asked for. Raises ModelError for an
    unknown ending or a missing extra, FileError where the file exists.
    """
    path = Path(path)
    FORMATS[format_ or format_of(path)](network, path, float32=float32, replace=replace)


def load_network(path: str | Path) -> Network:
    """Read a network with its weights: an ONNX model, or an .npz file that describes itself.

    Raises ModelError or WeightsError, with the file's name in front.
    """
    path = Path(path)
    if path.suffix.lower() not in _READERS:
        raise ModelError(f"{path}: expected a name that ends in {' or '.join(_READERS)}")
    return _READERS[path.suffix.lower()](path)
