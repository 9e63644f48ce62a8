"""Shared fixtures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.helpers.paths import WORKBOOKS
from tests.mutations import Subject
from tests.mutations.subjects import small_subjects
from xlconv.spreadsheet.xlsx.read import read_xlsx

settings.register_profile("default", deadline=None, max_examples=60)
# The same examples each time: a check of a change must not depend on luck.
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

WILD = Path(__file__).parents[2] / "shared" / "wild"


@pytest.fixture
def wild() -> Path:
    """The folder of published workbooks; tests that need it skip where it is missing."""
    folder = Path(os.environ.get("XLCONV_WILD", WILD))
    if not folder.is_dir():
        pytest.skip("the published workbooks are not here")
    return folder


@pytest.fixture(scope="session")
def subjects() -> list[Subject]:
    """Workbooks to put faults into; thousands of faults are put in by hand: tests.mutations."""
    names = ("conv-example", "matmul", "image-kernels", "residual", "multi-label")
    large = (Subject.of(name, read_xlsx(WORKBOOKS / f"{name}.xlsx")) for name in names)
    return [*large, *small_subjects()]
