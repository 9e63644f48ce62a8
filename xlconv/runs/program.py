"""Which program checks: its version, the text of its sources, and what it computes with.

Where any of it differs, another report might come out.
"""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

_PACKAGE = Path(__file__).parents[1]


@cache
def program() -> str:
    """Return a short name of this xlconv, the same wherever the same sources run."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    python = ".".join(map(str, sys.version_info[:2]))
    return f"{_version()}-{digest.hexdigest()[:16]}-numpy{np.__version__}-python{python}"


def _version() -> str:
    try:
        return version("xlconv")
    except PackageNotFoundError:  # run from its sources
        return "0"
