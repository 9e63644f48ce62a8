"""Parameters as a PyTorch state dict, as `torch.load(path, weights_only=True)` reads it.

State dicts are written, never read: they are pickles, and .npz holds the same.
"""

from __future__ import annotations

import io
from pathlib import Path

from xlconv.errors import ModelError
from xlconv.files import whole_file
from xlconv.network.network import Network
from xlconv.network.stored_state import stored_state


def write_state_dict(
    network: Network, path: Path, *, float32: bool = False, replace: bool = False
) -> None:
    """Write the parameters as tensors by name. Raises ModelError without PyTorch."""
    try:
        import torch  # noqa: PLC0415  an extra
    except ImportError:
        raise ModelError(f"{path}: state dicts need torch: pip install '.[torch]'") from None
    state = stored_state(network, float32=float32)
    # Into memory first: torch puts the name of a file into it, and that is a temporary one.
    buffer = io.BytesIO()
    torch.save({key: torch.from_numpy(value.copy()) for key, value in state.items()}, buffer)
    with whole_file(path, replace=replace) as temporary:
        temporary.write_bytes(buffer.getvalue())
