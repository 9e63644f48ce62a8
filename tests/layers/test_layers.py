"""Layers by themselves: what they compute, refuse and say of themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.specs import RESIDUAL, single
from tests.helpers.strategies import (
    conv_options,
    random_input,
    random_state,
    shapes,
)
from xlconv.errors import InputError, ShapeError, XlconvError
from xlconv.layers import (
    LAYERS,
    Conv2d,
    Dropout,
    Padding,
    Softmax,
)
from xlconv.network.spec import network_of, spec_of
from xlconv.spreadsheet.formula.parse import parse


@given(conv_options(), shapes, st.integers(0, 2**31))
@examples(50)
def test_a_batch_norm_folded_into_the_convolution_gives_the_same(options, shape, seed) -> None:
    table = {"input": shape, "layers": [options, {"type": "BatchNorm2d"}, {"type": "ReLU"}]}
    try:
        network = network_of(table)
    except XlconvError:
        assume(False)
    network = network.with_state(random_state(network, seed))
    folded = network.folded()
    assert [type(layer).__name__ for layer in folded.layers] == ["Conv2d", "ReLU"]
    x = random_input(network, seed)
    np.testing.assert_allclose(folded.forward(x), network.forward(x), rtol=1e-10, atol=1e-10)


def test_a_batch_norm_without_a_convolution_before_it_stays() -> None:
    layers = [{"type": "BatchNorm2d"}, {"type": "ReLU"}, {"type": "BatchNorm2d"}]
    network = network_of({"input": [2, 3, 3], "layers": layers})
    assert network.folded() == network


def test_a_sigmoid_beyond_what_a_spreadsheet_can_compute_is_refused() -> None:
    network = single({"type": "Sigmoid"}, [2])
    np.testing.assert_allclose(network.forward([-700, 1000]), [0, 1], atol=1e-300)
    with pytest.raises(InputError, match="sigmoid1\\): overflows to infinity"):
        network.forward([-710, 0])


@pytest.mark.parametrize(
    ("reads", "message"),
    [
        ("nothing", "reads = 'nothing': expected the name of a layer before it, or 'input'"),
        (
            ["conv1", "relu1", "input"],
            "which it reads beside the layer right before; or a list of 2",
        ),
        (3, "reads = 3: expected the name"),
        (None, "reads is missing: expected the name of a layer before it"),
        ("input", r"adds 3×5×6 and 2×5×6: expected one shape"),
    ],
)
def test_an_add_that_reads_what_it_cannot_says_why(reads: object, message: str) -> None:
    layers = [*RESIDUAL["layers"][:2], {"type": "Add"} | ({"reads": reads} if reads else {})]
    with pytest.raises(XlconvError, match=message):
        network_of({"input": [2, 5, 6], "layers": layers})


@pytest.mark.parametrize("kind", LAYERS.values())
def test_the_examples_of_a_layer_build_and_describe_themselves(kind: type) -> None:
    assert kind.EXAMPLES
    for shape, options in kind.EXAMPLES:
        reads = {"reads": "input"} if 1 not in kind.inputs else {}
        table = {"input": list(shape), "layers": [{"type": kind.__name__} | options | reads]}
        network = network_of(table)
        network.forward(random_input(network, 0))
        assert network_of(spec_of(network)) == network


def test_asymmetric_padding_is_in_the_order_of_zero_pad_2d() -> None:
    options = {"type": "Conv2d", "out_channels": 1, "kernel_size": 1, "padding": [1, 2, 3, 4]}
    network = single(options, [1, 5, 5])
    assert network.layers[0].padding == Padding(left=1, right=2, top=3, bottom=4)
    assert network.shapes[-1] == (1, 5 + 3 + 4, 5 + 1 + 2)


def test_layers_that_do_not_fit_say_why() -> None:
    conv = Conv2d(np.zeros((2, 3, 3, 3)))
    with pytest.raises(ShapeError, match="3 input channels, but the input has 1"):
        conv.output_shape((1, 8, 8))
    with pytest.raises(ShapeError, match="a kernel of 3×3 is larger than its padded input of 2×8"):
        conv.output_shape((3, 2, 8))
    with pytest.raises(ShapeError, match="put a Flatten before"):
        Softmax().output_shape((2, 1, 1))


def test_layers_compare_by_their_arrays() -> None:
    weight = np.arange(9.0).reshape(1, 1, 3, 3)
    assert Conv2d(weight) == Conv2d(weight.copy())
    assert Conv2d(weight) != Conv2d(weight + 1)
    assert Conv2d(weight) != Conv2d(weight, np.zeros(1))
    assert Conv2d(weight) != Conv2d(weight, stride=(2, 2))
    assert Dropout() != Dropout(mask=np.ones(3)) != Dropout()


@pytest.mark.parametrize(
    ("before", "reads", "message"),
    [
        ({"type": "MaxPool2d", "kernel_size": 2}, "input", "expected planes of one size"),
        ({"type": "Flatten"}, "flatten", "Concat takes"),
        ({"type": "ReLU"}, None, "reads is missing: .* or a list of 2 or more names"),
        ({"type": "ReLU"}, [], r"reads = \[\]: expected the name"),
    ],
)
def test_a_concat_of_what_does_not_fit_says_why(before: dict, reads: str, message: str) -> None:
    concat = {"type": "Concat"} | ({} if reads is None else {"reads": reads})
    with pytest.raises(XlconvError, match=message):
        network_of({"input": [2, 4, 6], "layers": [before, concat]})


def test_an_empty_list_is_nothing_to_read() -> None:
    with pytest.raises(XlconvError, match=r"reads = \[\]: expected the name of a layer before"):
        network_of({"input": [3], "layers": [{"type": "ReLU", "reads": []}]})


@pytest.mark.parametrize("options", [{}, {"approximate": "none"}])
def test_gelu_itself_is_refused_in_a_line(options: dict) -> None:
    with pytest.raises(XlconvError, match=r"\(gelu1\): approximate = 'none': expected 'tanh'$"):
        network_of({"input": [3], "layers": [{"type": "GELU"} | options]})


@pytest.mark.parametrize(
    ("kind", "formula", "fits"),
    [
        ("ELU", "IF(A1>0,A1,EXP(A1)-1)", True),
        ("ELU", "IF(A1>=0,A1,(EXP(A1)-1)*0.5)", True),
        ("ELU", "IF(A1<0,0.5*(EXP(A1)-1),A1)", True),
        ("ELU", "IF(A1>0,EXP(A1)-1,A1)", False),
        ("ELU", "IF(A1>0,A1,EXP(B1)-1)", False),
        ("ELU", "IF(A1>0,A1,EXP(A1)-2)", False),
        ("ELU", "IF(A1>1,A1,EXP(A1)-1)", False),
        ("GELU", "0.5*A1*(1+TANH(SQRT(2/PI())*(A1+0.044715*A1^3)))", True),
        ("GELU", "0.5*A1*(1+TANH(SQRT(2/PI())*(A1+0.04472*A1^3)))", False),
        ("GELU", "0.5*A1*(1+TANH(SQRT(2/PI())*(B1+0.044715*A1^3)))", False),
        ("GELU", "0.5*A1*(1-TANH(SQRT(2/PI())*(A1+0.044715*A1^3)))", False),
    ],
)
def test_what_only_looks_like_a_layer_is_none(kind: str, formula: str, fits: bool) -> None:
    tree = parse(formula)
    found = LAYERS[kind].match_elementwise(tree)
    assert (found is not None) == fits
    assert fits == (
        kind in {name for name, one in LAYERS.items() if one.match(tree, _Everything())}
    )


class _Everything:
    def __call__(self, reference: object) -> bool:
        return True

    def is_random(self, reference: object) -> bool:
        return False

    def is_handed_on(self, reference: object) -> bool:
        return False

    def formula_at(self, reference: object) -> None:
        return None
