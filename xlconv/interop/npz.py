"""Networks as .npz files: parameters by torch's names, and the description as JSON.

The description stands under the key `xlconv.spec`, a text of no dimensions, so that
the file alone gives the network back.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np

from xlconv.errors import WeightsError, XlconvError
from xlconv.files import whole_file
from xlconv.interop.inputs import read_arrays
from xlconv.network.network import Network
from xlconv.network.spec import SPEC_PROPERTY, network_of, spec_of
from xlconv.network.stored_state import stored_state


def write_npz(
    network: Network, path: Path, *, float32: bool = False, replace: bool = False
) -> None:
    """Write parameters and description; the same network gives the same bytes."""
    arrays = stored_state(network, float32=float32)
    description = {SPEC_PROPERTY: np.array(json.dumps(spec_of(network)))}
    with whole_file(path, replace=replace) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays, **description)


def read_npz(path: Path) -> Network:
    """Read the network that an .npz file describes, with its weights. Raises WeightsError."""
    state = read_arrays(path)
    text = state.pop(SPEC_PROPERTY, None)
    if text is None:
        raise WeightsError(
            f"{path}: no description of the network ({SPEC_PROPERTY}); expected --spec or "
            "--preset, or a file that xlconv extract wrote"
        )
    try:
        table = json.loads(str(text)) if text.dtype.kind == "U" and text.ndim == 0 else None
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise WeightsError(f"{path}: {SPEC_PROPERTY}: not a description; expected a JSON object")
    try:
        return network_of(table).with_state(state)
    except XlconvError as error:
        raise error.at(path) from None


def describes_itself(path: Path) -> bool:
    """Return whether an .npz file holds a description of its network; False for what is none."""
    try:
        with zipfile.ZipFile(path) as parts:
            return f"{SPEC_PROPERTY}.npy" in parts.namelist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return False
