"""How our own files name cells: the words and underscores of a defined name, both ways.

Each form has a verb that writes it and one that reads it. A name always ends in a part after
an underscore, so that none looks like a cell. Only strings: knows no network and no cell.
"""

from __future__ import annotations

import re
from typing import NamedTuple

INPUT = "input"  # the name of the tensor that no layer gives
PROBE_ROW, PROBE_COLUMN = "probe_row", "probe_column"
PICTURE = "picture_of_input"

STATISTICS, SIZE = "statistics", "size"  # kinds of metrics
_CHECK = re.compile(r"check\.\d+")
_AXES = {None: "", 0: "_rows", 1: "_columns"}
_METRIC = re.compile(
    r"(?P<stem>.+?)_(?P<kind>statistics|size)(?P<axis>(?<=size)_(?:rows|columns))?"
)
_EQUALS = "_equals_"


class MetricName(NamedTuple):
    """Of whom a metric tells (`stem`), its kind, and the axis of a size, None for both."""

    stem: str
    kind: str
    axis: int | None = None


def plane_name(tensor: str, index: int) -> str:
    """Return the name of a plane of a tensor: `relu1_0`."""
    return f"{tensor}_{index}"


def parse_plane_name(name: str) -> tuple[str, int] | None:
    """Return tensor and plane that a name may tell; None where it has no number at its end."""
    tensor, _, index = name.rpartition("_")
    return (tensor, int(index)) if index.isdecimal() else None


def table_name(layer: str, parameter: str, index: int, count: int) -> str:
    """Return the name of group `index` of `count` of a parameter: `conv1_weight_0`, `fc1_bias`."""
    return plane_name(f"{layer}_{parameter}", index) if count > 1 else f"{layer}_{parameter}"


def helper_name(tensor: str, helper: str) -> str:
    """Return the name of a tensor's helper: `softmax_exp`."""
    return f"{tensor}_{helper}"


def parse_helper_name(tensor: str, name: str) -> str | None:
    """Return the helper of a tensor that a name may tell, None where it is another's name."""
    stem = helper_name(tensor, "")
    return name.removeprefix(stem) if name.startswith(stem) else None


def comparison_name(one: str, other: str) -> str:
    """Return the name of the cell that compares two named planes: `fc1_0_equals_flatten_0`."""
    return f"{one}{_EQUALS}{other}"


def parse_comparison_name(name: str) -> tuple[str, str] | None:
    """Return the names of the two planes, None where a name tells of no comparison."""
    one, equals, other = name.partition(_EQUALS)
    return (one, other) if equals else None


def metric_name(parts: MetricName) -> str:
    """Return the name of a metric: `relu1_statistics`, `conv1_size`, `conv1_size_rows`."""
    return f"{parts.stem}_{parts.kind}{_AXES[parts.axis]}"


def parse_metric_name(name: str) -> MetricName | None:
    """Return what a name tells of a metric, None where it is no metric's."""
    match = _METRIC.fullmatch(name)
    if match is None:
        return None
    axis = next(axis for axis, text in _AXES.items() if text == (match["axis"] or ""))
    return MetricName(match["stem"], match["kind"], axis)


def check_name(number: int) -> str:
    """Return the name of the cells of an exercise that say which others are right: `check.1`."""
    return f"check.{number}"


def is_check_name(name: str) -> bool:
    """Whether a name is that of the checks of an exercise."""
    return _CHECK.fullmatch(name) is not None
