"""Shared fixtures."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.helpers import marks
from tests.helpers.examples import CHECKED, USUAL
from tests.helpers.kept import keep
from tests.helpers.shipped import shipped_subject
from tests.mutations import Subject
from tests.mutations.subjects import small_subjects

# Few while one works, each time others; more where a change is checked, and the same each
# time: that must not depend on luck.
settings.register_profile("default", deadline=None, max_examples=USUAL)
settings.register_profile("ci", deadline=None, max_examples=CHECKED, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

LARGE = {"lenet5", "stride2"}
CASES_OF_MANY = 12  # every twelfth case of a test of many is quick
CASES_OF_SLOW = 3  # every third case of a slow test is run with --slow
WILD = Path(__file__).parents[2] / "shared" / "wild"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    marks.begin(one.name for one in item.iter_markers())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run what takes seconds, too")
    parser.addoption("--all", action="store_true", help="and all cases of it, not every third")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as slow what a large workbook or many cases make so; leave it out without --slow.

    Of a test with many slow cases every third is run, unless --all asks for them.
    """
    cases: Counter[str] = Counter()
    for item in items:
        if item.get_closest_marker("many"):
            function = item.nodeid.partition("[")[0]
            if cases[function] % CASES_OF_MANY:
                item.add_marker(pytest.mark.slow)
            cases[function] += 1
        drawn = getattr(item, "callspec", None)
        if drawn and any(name in drawn.id for name in LARGE):
            item.add_marker(pytest.mark.slow)
    if not config.getoption("--all"):
        slow: Counter[str] = Counter()
        left_out = []
        for item in items:
            if item.get_closest_marker("slow"):
                function = item.nodeid.partition("[")[0]
                if slow[function] % CASES_OF_SLOW or not config.getoption("--slow"):
                    left_out.append(item)
                slow[function] += 1
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session", autouse=True)
def _one_width() -> Iterator[None]:
    """Lines are of one width, wherever the tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "120")
        yield


@pytest.fixture(scope="session", autouse=True)
def _kept() -> Iterator[None]:
    """Workbooks are read and calculated once for all tests of a process."""
    with pytest.MonkeyPatch.context() as patch:
        keep(patch)
        yield


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
    large = map(shipped_subject, names)
    return [*large, *small_subjects()]
