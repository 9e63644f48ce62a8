"""The edited workbooks that a file of tests asks for, made by one LibreOffice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.edits.workbooks import make
from tests.helpers import oracles


@pytest.fixture(scope="module")
def edited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the edited workbooks that the tests of this file ask for."""
    folder = tmp_path_factory.mktemp("edits")
    wanted = [
        item.callspec.params["edit"]
        for item in request.session.items
        if item.path == request.path and "edited" in getattr(item, "fixturenames", ())
    ]
    make(wanted, folder, oracles.needs_uno())
    return folder
