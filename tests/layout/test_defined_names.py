"""The names that our own files give to cells: both ways, and spelled in one place."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.paths import ROOT
from xlconv.layers.base.place import helper_kind, helper_of_plane
from xlconv.layout import naming_convention as names

PACKAGE = ROOT / "xlconv"
SPELLERS = {"layout/naming_convention.py", "layers/base/helper_names.py"}
STEMS = st.from_regex(r"[a-z]+[0-9]?(_[a-z]+)?", fullmatch=True)
INDICES = st.integers(0, 10**6)


@given(STEMS, INDICES)
def test_a_planes_name_tells_tensor_and_plane(tensor: str, index: int) -> None:
    assert names.parse_plane_name(names.plane_name(tensor, index)) == (tensor, index)


@pytest.mark.parametrize("name", ["conv1", "conv1_", "conv1_weight", "conv1_-1", "_x"])
def test_other_names_tell_no_plane(name: str) -> None:
    assert names.parse_plane_name(name) is None


@given(STEMS, STEMS)
def test_a_helpers_name_tells_the_helper_of_its_tensor(tensor: str, helper: str) -> None:
    name = names.helper_name(tensor, helper)
    assert names.parse_helper_name(tensor, name) == helper
    assert names.parse_helper_name(f"{tensor}x", name) is None


@given(STEMS, STEMS)
def test_a_comparisons_name_tells_both_planes(one: str, other: str) -> None:
    assert names.parse_comparison_name(names.comparison_name(one, other)) == (one, other)
    assert names.parse_comparison_name(one) is None


@given(STEMS, st.sampled_from([("statistics", None), ("size", None), ("size", 0), ("size", 1)]))
def test_a_metrics_name_tells_stem_kind_and_axis(stem: str, of: tuple[str, int | None]) -> None:
    parts = names.MetricName(stem, *of)
    assert names.parse_metric_name(names.metric_name(parts)) == parts


@pytest.mark.parametrize("name", ["size", "conv1_sizes", "relu1_statistics_rows", "conv1_size_x"])
def test_other_names_are_no_metrics(name: str) -> None:
    assert names.parse_metric_name(name) is None


@given(st.sampled_from(["mask", "random"]), INDICES)
def test_a_planes_helper_tells_its_kind(kind: str, index: int) -> None:
    assert helper_kind(helper_of_plane(kind, index)) == kind


def test_names_are_the_documented_ones() -> None:
    assert names.plane_name("relu1", 0) == "relu1_0"
    assert names.table_name("conv1", "weight", 0, 2) == "conv1_weight_0"
    assert names.table_name("fc1", "bias", 0, 1) == "fc1_bias"
    assert names.helper_name("softmax", "exp") == "softmax_exp"
    assert names.comparison_name("fc1_0", "flatten_0") == "fc1_0_equals_flatten_0"


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["layout", "lowering", "lifting", "verification", "analysis"])
def test_nobody_else_takes_a_name_apart(folder: str) -> None:
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        if str(path.relative_to(PACKAGE)) in SPELLERS:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                splits = node.func.attr in ("partition", "rpartition", "split", "rsplit")
                given_ = [one.value for one in node.args if isinstance(one, ast.Constant)]
                assert not (splits and "_" in given_), f"{path}:{node.lineno}"
