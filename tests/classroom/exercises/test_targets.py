"""What can be asked for: layers, planes and parameters by their names."""

from __future__ import annotations

from functools import cache

import pytest

from xlconv.classroom.exercises.targets import target_of
from xlconv.errors import XlconvError
from xlconv.generation.generate import made_book
from xlconv.generation.sources import Sources
from xlconv.layout.placed_network import PlacedNetwork


@cache
def networks(preset: str) -> tuple[PlacedNetwork, ...]:
    return made_book(Sources(preset=preset)).networks


def cells(asked: str, preset: str = "conv-example") -> list[str]:
    return [plane.range.name for plane in target_of(asked, networks(preset)).planes]


def test_a_layer_is_all_of_its_cells() -> None:
    assert cells("pool1") == ["CL4:CW15", "CL33:CW44"]
    assert cells("softmax") == ["FQ4:FQ13", "FR4:FR13", "A31"]  # its helpers too


def test_layers_that_share_cells_stand_for_each_other() -> None:
    assert cells("conv2") == cells("relu2") == ["BM4:CJ27", "BM33:CJ56"]


def test_a_plane_is_one_of_them() -> None:
    assert cells("relu1[1]") == cells("conv1")[1:]


def test_a_parameter_is_its_numbers() -> None:
    assert cells("conv1.weight") == ["AD11:AF13", "AD40:AF42"]
    assert cells("conv1.bias[1]") == ["AD44"]


def test_of_one_kernel_only_its_plane_is_shown() -> None:
    (block,) = target_of("conv1.weight[1]", networks("edges")).blocks
    assert block.index == 1
    assert len(target_of("conv1.weight", networks("edges")).blocks) == 4


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("conv3", "conv3: no layer 'conv3' has cells; did you mean conv2?"),
        ("flatten", "no layer 'flatten' has cells"),
        ("conv2[2]", "conv2[2]: expected a number from 0 to 1"),
        ("conv2.size", "no parameter 'size'; expected one of weight, bias"),
        ("pool1.weight", "expected a layer that has parameters"),
        ("conv2[", "expected a layer, a plane or a parameter"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(asked: str, words: str) -> None:
    with pytest.raises(XlconvError) as caught:
        cells(asked)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
