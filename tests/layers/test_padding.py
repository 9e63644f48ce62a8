"""One input through six convolutions: the preset, copies of a tensor, and frames around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.helpers import oracles
from tests.helpers.command import run
from tests.helpers.documents import described
from tests.helpers.format_rules import cells, holds
from tests.helpers.oracles import agree, each_oracle
from tests.helpers.shipped import opened, shipped
from tests.helpers.strategies import random_input, random_state
from tests.helpers.torch import nn, torch
from tests.helpers.workbooks import changed
from xlconv.analysis.reproduction import reproduce
from xlconv.layers import Identity
from xlconv.layout.placed_network import PlacedNetwork
from xlconv.layout.stages import halo_of
from xlconv.lifting.layouts import layouts_of
from xlconv.lifting.lifted_workbook import LiftedWorkbook, lift_workbook, open_workbook
from xlconv.lowering.book import book_of
from xlconv.lowering.formatting.receptive_field import probe_rules
from xlconv.lowering.lower import lower
from xlconv.lowering.strip import strip
from xlconv.network.network import Network
from xlconv.network.spec import network_of, spec_of
from xlconv.presets import PRESETS
from xlconv.presets.padding import PANELS, padding_spec
from xlconv.spreadsheet.addresses import Range, a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.verify import verify_workbook

PRESET = PRESETS["padding"]
NAMES = [panel.name for panel in PANELS]
SIZES = {"no_padding": 3, "same": 5, "full": 7, "reflect": 5, "stride2": 2, "dilation2": 1}


def number(value: float) -> tuple[Kind, float, str]:
    return Kind.NUMBER, value, ""


def formula(text: str) -> tuple[Kind, float, str]:
    return Kind.FORMULA, 0.0, text


@pytest.fixture(scope="module")
def heads() -> dict[str, PlacedNetwork]:
    """The six networks with their layouts, by the name of the convolution."""
    network = PRESET.network()
    layout = PRESET.layout(network)
    every = (PlacedNetwork(network, layout), *PRESET.heads_of(network, layout))
    return {one.network.names[-1]: one for one in every}


@pytest.fixture(scope="module")
def book() -> LiftedWorkbook:
    return opened("padding")


# -- the six convolutions --------------------------------------------------------------------


def test_there_are_six_of_one_kernel_and_one_input(heads: dict[str, PlacedNetwork]) -> None:
    assert list(heads) == NAMES == list(SIZES)
    kernels = [one.network.layers[-1].parameters()["weight"] for one in heads.values()]
    assert all(np.array_equal(one, kernels[0]) for one in kernels)
    assert len({one.layout.places[0].planes for one in heads.values()}) == 1
    whole = np.concatenate([PRESET.sample().ravel(), kernels[0].ravel()])
    assert np.array_equal(whole, np.round(whole)) and np.abs(whole).max() <= 9


@pytest.mark.torch
@pytest.mark.parametrize("panel", PANELS, ids=NAMES)
def test_every_panel_is_torchs(panel, heads: dict[str, PlacedNetwork]) -> None:
    network, x = heads[panel.name].network, PRESET.sample()
    conv = nn.Conv2d(1, 1, 3, bias=False, dtype=torch.float64, **panel.options)
    with torch.no_grad():
        conv.weight[:] = torch.tensor(network.layers[-1].parameters()["weight"])
        expected = conv(torch.tensor(x)[None]).numpy()[0]
    np.testing.assert_allclose(network.forward(x), expected, atol=1e-12)
    size = SIZES[panel.name]
    assert network.shapes[-1] == (1, size, size)
    title = next(one.text for one in heads[panel.name].layout.labels if one.role == "title")
    assert title == f"{panel.title}: 5×5 → {size}×{size}"


def test_mirrored_there_is_no_edge_where_zeros_make_one(heads: dict[str, PlacedNetwork]) -> None:
    x = PRESET.sample()
    same, reflect = (heads[name].network.forward(x)[0] for name in ("same", "reflect"))
    assert (same[:, -1] < 0).all() and not reflect[:, [0, -1]].any()


# -- both roads ------------------------------------------------------------------------------


@pytest.mark.slow
def test_all_six_are_read_back_where_they_stood(
    book: LiftedWorkbook, heads: dict[str, PlacedNetwork]
) -> None:
    assert not book.lifted.unlifted
    relaid = {one.network.names[-1]: one for one in layouts_of(book)}
    assert relaid.keys() == heads.keys()
    for name, one in relaid.items():
        wanted = heads[name]
        assert (one.network.names, one.network.layers) == (
            wanted.network.names, wanted.network.layers,
        )  # fmt: skip
        assert one.layout.places == wanted.layout.places
        assert one.layout.metrics == wanted.layout.metrics
        assert one.layout.probe == wanted.layout.probe
        assert set(one.layout.links) == set(wanted.layout.links)
        assert lower(one.network, one.layout) == lower(wanted.network, wanted.layout)
    assert relaid["no_padding"].network == heads["no_padding"].network
    report = verify_workbook(book.workbook)
    assert (report.coverage, report.findings) == (1.0, [])
    again = reproduce(book)
    assert again.is_whole and not again.differences
    assert sorted(again.workbook.names) == sorted(book.workbook.names)


@each_oracle
def test_an_edited_pixel_and_kernel_reach_all_six(oracle: Callable, tmp_path: Path) -> None:
    network, x = PRESET.network(), PRESET.sample()
    layout = PRESET.layout(network)
    x[0, 1, 3] = 9.0
    kernel = network.state()["no_padding.weight"].copy()
    kernel[0, 0, 2, 1] = -3.0
    made = PRESET.book(network.with_state({"no_padding.weight": kernel}), x)
    (expected,), (before,) = made.workbook.sheets, PRESET.book().workbook.sheets
    pixel = a1_name(layout.places[0].planes[0].cell(1, 3))
    weight = a1_name(PANELS[0].kernel.cell(2, 1))
    changes = {pixel: "9", weight: "-3"}
    assert oracles.edit(shipped("padding"), tmp_path / "edited.xlsx", changes) == 2
    oracles.poison(tmp_path / "edited.xlsx", tmp_path / "poisoned.xlsx")
    assert ((expected.numbers != before.numbers) & expected.is_formula).sum() > 70
    agree(expected, oracle(tmp_path / "poisoned.xlsx", tmp_path))


@pytest.mark.torch
@each_oracle
def test_an_edited_rule_tells_another_size(
    oracle: Callable, tmp_path: Path, book: LiftedWorkbook
) -> None:
    """n, p, d, k, s -> size, as torch has it."""
    rules = {
        name: [a1_name((area.top, area.left + k)) for k in (0, 2, 4, 6, 10, 12)]
        for name, ((_, area),) in book.workbook.names
        if name.endswith("_size")
    }
    wanted = {"no_padding": (6, 0, 1, 2, 3), "same": (5, 2, 2, 4, 1), "full": (9, 2, 1, 5, 2)}
    changes = {
        cell: str(value)
        for name, values in wanted.items()
        for cell, value in zip(rules[f"{name}_size"], values, strict=False)
    }
    assert oracles.edit(shipped("padding"), tmp_path / "edited.xlsx", changes) == len(changes)
    found = oracle(tmp_path / "edited.xlsx", tmp_path)
    for name, (n, p, d, k, s) in wanted.items():
        conv = nn.Conv2d(1, 1, k, stride=s, padding=p, dilation=d)
        size = conv(torch.zeros(1, 1, n, n)).shape[-1]
        assert float(found[parse_a1(rules[f"{name}_size"][-1])]) == size


@pytest.mark.slow
def test_drawn_weights_and_another_picture_go_to_all_six(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(25.0).reshape(1, 5, 5))
    path = tmp_path / "made.xlsx"
    options = ("--preset", "padding", "--seed", 3, "--input", tmp_path / "x.npy")
    result = run("generate", path, *options)
    assert result.exit_code == 0, result.output
    seen = open_workbook(path)
    kernels = [one.network.layers[-1].parameters()["weight"] for one in seen.networks]
    assert len(kernels) == 6 and all(np.array_equal(one, kernels[0]) for one in kernels)
    assert run("verify", path, "--strict", "--min-coverage", "1").exit_code == 0


# -- faults ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "held", "code", "message"),
    [
        # The rules: another formula, a wrong number, nothing.
        ("N17", number(3), "S202", "the number 3; expected =INT((B17+2*D17-F17*(H17-1)-1)/L17)+1"),
        ("AG17", formula("U17"), "S201", "=U17; expected =INT((U17+2*W17-Y17*(AA17-1)-1)/AE17)+1"),
        ("N31", formula("INT((B31+D31-F31*(H31-1)-1)/L31)+1"), "S201", "the size of the output"),
        ("U17", number(4), "G404", "4; the size of the input of same is 5"),
        ("D31", number(2), "G404", "2; the padding of reflect is 1"),
        ("AE31", number(1), "G404", "1; the stride of stride2 is 2"),
        # Copies of the input, at a corner and within.
        ("U8", number(5), "S202", "the number 5; expected =B8"),
        ("V9", formula("D9"), "S201", "=D9; expected =C9"),
        ("B24", formula("B11"), "S201", "=B11; expected =B9"),
        ("AS12", number(5), "S202", "the number 5; expected =F12"),
        # The frames.
        ("C22", formula("C25"), "S201", "=C25; expected =C24"),
        ("A24", formula("D24"), "S201", "=D24; expected =C24"),
        ("C22", number(3), "S202", "the number 3; expected =C24"),
        ("A22", formula("E25"), "S201", "=E25; expected =C24"),
        ("G28", formula("D25"), "S201", "=D25; expected =E26"),
        ("A22", number(1), "S202", "the number 1; expected =C24"),
        ("T7", number(1), "G403", "the number 1; expected 0, as in the rest of the frame"),
        # Kernels that show the first one's.
        ("AB9", number(7), "S202", "the number 7; expected =$I$9"),
        ("AB9", formula("$J$9"), "S201", "=$J$9; expected =$I$9"),
        ("AW25", number(4), "S202", "the number 4; expected =$I$10"),
        # Outputs.
        ("M24", formula("SUMPRODUCT(A23:C25,$I$9:$K$11)"), "S201", "expected =SUMPRODUCT(A23:C25"),
        # Outputs too few for a pattern: the file says what they were.
        ("BF25", number(5), "S202", "the number 5; expected =SUMPRODUCT(AO23:AS27,"),
        ("AH26", number(3), "S202", "the number 3; expected =SUMPRODUCT(U25:W27,"),
        ("AI25", formula("SUMPRODUCT(U24:W26,$AB$24:$AD$26)"), "S201", "expected =SUMPRODUCT(W23"),
    ],
)  # fmt: skip
def test_a_fault_is_named(cell: str, held: tuple, code: str, message: str) -> None:
    report = verify_workbook(changed("padding", {cell: held}))
    named = [(one.code, one.message) for one in report.findings if one.cell == cell and one.root]
    assert [one for one in named if one[0] == code and message in one[1]], report.findings
    assert report.strict_verdict == "findings"


# -- what the other commands say ---------------------------------------------------------------


@pytest.mark.slow
def test_inspect_explain_trace_and_extract_speak_of_the_panels(tmp_path: Path) -> None:
    path = shipped("padding")
    inspected = run("inspect", path).output
    for words in ("reflect_input", "(5 + 2·2 − 3)//1 + 1 = 7", "(5 + 2·0 − 3)//2 + 1 = 2"):
        assert words in inspected
    said = run("explain", path, "reflect[0,0,1]").output
    assert "reflect_input[0, 0:2, 0:3], padded" in said
    assert "reaches padding: 1 above" in said
    assert "reflect_input.padding[0, -1, -1]" in run("explain", path, "A22").output
    assert "no_padding.weight[0, 0, 0, 0], I9" in run("explain", path, "I24").output
    traced = run("trace", path, "reflect[0,0,1]", "--all").output
    assert "reflection above reflect_input[0], 3 cells" in traced and "formula" not in traced
    assert "zeros left of same_input[0], 2 cells" in run("trace", path, "same[0,0,0]").output
    weights = tmp_path / "weights.npz"
    assert run("extract", path, "--network", 3, "-o", weights).exit_code == 0
    (key, kernel), *_ = ((k, v) for k, v in np.load(weights).items() if k.endswith(".weight"))
    assert key.split(".")[0] in NAMES
    np.testing.assert_array_equal(kernel, PRESET.network().state()["no_padding.weight"])


def test_a_frame_that_repeats_the_edge_or_the_other_side_is_told_so() -> None:
    for mode, words in (("replicate", "edge repeated"), ("circular", "other side repeated")):
        options = {"kernel_size": 3, "padding": 1, "padding_mode": mode}
        network = net({"type": "Conv2d", "out_channels": 1} | options, shape=(1, 6, 6))
        seen = lift_workbook(made(network))
        from xlconv.analysis.owner_index import OwnerIndex
        from xlconv.spreadsheet.precedents.region import region_of

        area = layouts_of(seen)[0].layout.places[0].planes[0].range
        corner = np.array([[area.top - 1, area.left - 1, area.top - 1, area.left - 1]])
        ((owner, _),) = OwnerIndex(seen).split(0, region_of(corner)).items()
        assert (owner.kind, owner.title) == ("padding", f"{words} above input[0]")


# -- the probe that all of them share ------------------------------------------------------------


@pytest.mark.parametrize("unit", [(0, 0), (1, 0), (2, 2), (4, 6), (6, 6)])
def test_the_probe_boxes_the_window_in_every_panel_that_has_the_unit(
    unit: tuple[int, int], heads: dict[str, PlacedNetwork]
) -> None:
    for name, (network, layout) in ((n, (h.network, h.layout)) for n, h in heads.items()):
        probe = layout.probe
        assert probe is not None
        first = name == "no_padding"
        boxed = {
            cell
            for rule in probe_rules(network, layout, 0 if first else 1)
            for cell in cells(rule.range)
            if holds(rule.formula, cell, probe.row, probe.column, unit)
        }
        output, source = layout.places[-1].planes[0], layout.places[-2]
        if max(unit) >= SIZES[name]:
            assert not boxed
            continue
        reach = network.layers[-1].receptive_field
        assert reach is not None
        start = [reach.start[k] + reach.stride[k] * unit[k] for k in (0, 1)]
        (top, left) = source.planes[0].cell(*start)
        window = Range(top, left, top + reach.size[0] - 1, left + reach.size[1] - 1)
        assert boxed == {output.cell(*unit), *cells(window)}


def test_the_probe_takes_the_units_of_the_largest_output() -> None:
    look = PRESET.book().formatting
    assert [(one.title, one.last) for one in look.validations] == [("Probe", 6), ("Probe", 6)]
    assert look.conditional_formats


# -- Identity ------------------------------------------------------------------------------------


def net(*layers: dict, shape: tuple[int, ...] = (2, 5, 6)) -> Network:
    network = network_of({"input": list(shape), "layers": list(layers)})
    return network.with_state(random_state(network, 1))


def made(network: Network):
    return book_of(network, strip(network), random_input(network, 2)).workbook


COPY = {"type": "Identity"}
CONV = {"type": "Conv2d", "out_channels": 2, "kernel_size": 3}
POOL = {"type": "MaxPool2d", "kernel_size": 2}
COPIES = {
    "alone": net(COPY),
    "twice": net(COPY, COPY),
    "before a convolution": net(COPY, CONV | {"padding": 2}),
    "before a mirrored frame": net(COPY, CONV | {"padding": 2, "padding_mode": "reflect"}),
    "before a repeated edge": net(COPY, CONV | {"padding": 1, "padding_mode": "replicate"}),
    "before the other side": net(COPY, CONV | {"padding": 2, "padding_mode": "circular"}),
    "between": net(CONV, {"type": "ReLU"}, COPY, POOL, shape=(2, 9, 10)),
    "before a ReLU": net(CONV, COPY, {"type": "ReLU"}),
    "of a vector": net({"type": "Flatten"}, {"type": "Linear", "out_features": 4}, COPY),
    "flattened": net(COPY, {"type": "Flatten"}, {"type": "Linear", "out_features": 3}),
    "two frames": net(
        CONV | {"name": "one", "padding": 1},
        COPY | {"name": "again", "reads": "input"},
        CONV | {"name": "other", "padding": 1, "padding_mode": "reflect"},
        {"type": "Add", "reads": ["one", "other"]},
    ),
    "twins": net(
        COPY | {"name": "one"},
        CONV | {"name": "conv1", "padding": 1},
        COPY | {"name": "other", "reads": "input"},
        CONV | {"name": "conv2", "padding": 1, "padding_mode": "reflect"},
        {"type": "Add", "reads": ["conv1", "conv2"]},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(COPIES.keys() - {"alone"}))
@pytest.mark.parametrize("described", [True, False])
def test_a_copy_is_lifted_from_what_it_lowers_to(name: str, described: bool) -> None:
    network = COPIES[name]
    assert network_of(spec_of(network)).layers == tuple(
        one.with_parameters({k: 0 * v for k, v in one.parameters().items()})
        for one in network.layers
    )
    workbook = made(network)
    seen = lift_workbook(workbook if described else without_properties(workbook))
    (model,) = seen.networks
    assert model.network.layers == network.layers
    assert model.network.sources == network.sources
    report = verify_workbook(workbook)
    assert (report.coverage, report.findings) == (1.0, [])
    assert reproduce(seen).is_whole


def without_properties(workbook):
    from msgspec.structs import replace

    return replace(workbook, properties=())


def test_a_copy_gives_each_reader_a_frame_of_its_own() -> None:
    network = COPIES["two frames"]
    fills = [halo_of(network, tensor).fill for tensor in (0, network.names.index("again") + 1)]
    assert fills == [0.0, "reflect"]
    assert isinstance(network.layers[1], Identity)
    x = random_input(network, 2)
    assert np.array_equal(network.activations(x)[2], x)


@pytest.mark.slow
def test_names_in_a_file_without_a_description_are_those_of_its_cells() -> None:
    seen = lift_workbook(without_properties(PRESET.book().workbook))
    assert sorted(one.network.names[-1] for one in seen.networks) == sorted(NAMES)
    fused = net(CONV | {"name": "eyes"}, {"type": "ReLU", "name": "lids"})
    (model,) = lift_workbook(without_properties(made(fused))).networks
    assert model.network.names == ("eyes", "lids")


def test_a_copy_is_an_operator_of_onnx(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    from xlconv.interop.onnx.write import onnx_model

    network = COPIES["before a convolution"]
    model = onnx_model(network)
    assert [node.op_type for node in model.graph.node] == ["Identity", "Conv"]
    onnx.checker.check_model(model)
    reference = pytest.importorskip("onnx.reference").ReferenceEvaluator(model)
    x = random_input(network, 3)
    (y,) = reference.run(None, {"input": x[None]})
    np.testing.assert_allclose(y[0], network.forward(x), atol=1e-12)


def test_the_description_of_a_panel_says_what_it_is_called() -> None:
    for panel in PANELS:
        names = [layer["name"] for layer in padding_spec(panel)["layers"]]
        assert names[-1] == panel.name and len(names) == (1 if panel is PANELS[0] else 2)


@pytest.mark.slow
def test_the_readme_tells_what_is_there(book: LiftedWorkbook) -> None:
    words = described("padding")
    (sheet,) = book.workbook.sheets
    for cell in ("U8", "AB9", "N17"):
        index = sheet.find(parse_a1(cell))
        assert index is not None and f"`={sheet.texts[index]}`" in words
    broken = verify_workbook(changed("padding", {"AE31": number(1)}))
    (line,) = [one for one in broken.findings if one.code == "G404"]
    assert f"  {line.code} {line.sheet}!{line.cell}: {line.message}\n" in words
