"""How verification is built: one tolerance, one reading of the description, checks by need."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlconv.presets import PRESETS
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.verify import verify

SHIPPED = Path(__file__).parents[1] / "workbooks"

# -- one tolerance -----------------------------------------------------------------------


def off_by(far: float) -> dict[str, np.ndarray]:
    state = PRESETS["conv-example"].network().state()
    return {key: value + far for key, value in state.items()}


def test_the_comparison_with_a_model_is_as_close_as_the_caller_says() -> None:
    book = SHIPPED / "conv-example.xlsx"
    loose = verify(book, rtol=1e-2, atol=1e-2, model=off_by(1e-7))
    assert [one.code for one in loose.findings] == []
    assert {one.code for one in verify(book, model=off_by(1e-7)).findings} == {"M501", "M502"}


def test_weights_that_were_rounded_to_fifteen_digits_are_the_models() -> None:
    state = PRESETS["conv-example"].network().state()
    rounded = {key: value * (1 + 1e-15) for key, value in state.items()}
    assert verify(SHIPPED / "conv-example.xlsx", model=rounded).findings == []


numbers = st.floats(allow_nan=False, width=64)


@given(numbers, numbers)
def test_closeness_does_not_depend_on_the_order(a: float, b: float) -> None:
    tolerance = Tolerance(1e-3, 1e-6)
    assert tolerance.close(a, b) == tolerance.close(b, a)
    assert tolerance.close(a, a)


@pytest.mark.parametrize(
    ("a", "b", "close"),
    [
        (1.0, 1.0 + 9e-10, True),
        (1.0, 1.0 + 2e-9, False),
        (0.0, 9e-13, True),
        (0.0, 2e-12, False),
        (np.inf, np.inf, True),
        (np.inf, 1e300, False),
        (np.inf, -np.inf, False),
        (np.nan, np.nan, False),
    ],
)
def test_what_is_close(a: float, b: float, close: bool) -> None:
    assert bool(Tolerance().close(a, b)) is close


# -- one reading of the description ------------------------------------------------------


def test_the_description_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    read = json.loads
    monkeypatch.setattr(json, "loads", lambda text: parsed.append(text) or read(text))
    assert verify(SHIPPED / "conv-example.xlsx").verdict() == "verified"
    assert len(parsed) == 1


def test_further_networks_are_described_each_by_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    read = json.loads
    monkeypatch.setattr(json, "loads", lambda text: parsed.append(text) or read(text))
    verify(SHIPPED / "padding.xlsx")
    assert len(parsed) == 6
