"""`xlconv.generate` writes what the command writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import xlconv
from tests.helpers.command import good
from tests.helpers.specs import HEAD, TOML
from xlconv.errors import ExistsError, FileError, InputError, SpecError, XlconvError
from xlconv.presets import PRESETS

CASES: list[dict[str, Any]] = [
    {}, {"preset": "edges"}, {"digit": 3, "relu": "separate"}, {"style": "array"},
    {"stats": True, "shapes": True}, {"probe": "conv1"}, {"paper": "a4"},
    {"seed": 3, "init": "xavier"}, {"spec": "net.toml"}, {"model": "model.npz"},
    {"spec": "net.toml", "weights": "w.npz", "input": "x.npy"},
    {"weights": "model.npz"}, {"preset": "dropout", "training": True, "seed": 5},
    {"preset": "batchnorm", "fold_batchnorm": True},
]  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.toml").write_text(HEAD + TOML)
    network = xlconv.initialised(xlconv.read_spec("net.toml").network, 2)
    np.savez("w.npz", **network.state())
    np.save("x.npy", np.random.default_rng(0).uniform(size=network.input_shape))
    xlconv.save_network(network, "model.npz")
    return tmp_path


def options(asked: dict[str, Any]) -> list[str]:
    words: list[str] = []
    for key, value in asked.items():
        option = f"--{key.replace('_', '-')}"
        words += [option] if value is True else [option, str(value)]
    return words


@pytest.mark.many
@pytest.mark.parametrize("asked", CASES, ids=str)
def test_a_call_writes_the_bytes_that_the_command_writes(asked: dict[str, Any]) -> None:
    made = xlconv.generate("call.xlsx", **asked)
    good("generate", "command.xlsx", *options(asked))
    assert made.path.read_bytes() == Path("command.xlsx").read_bytes()
    assert made.output.shape == made.network.shapes[-1]


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["relu1", "pool1"])
def test_the_probe_is_of_the_layer_that_is_named_and_read_back(layer: str) -> None:
    made = xlconv.generate("probed.xlsx", probe=layer)
    probe = made.networks[0].layout.probe
    assert probe is not None and probe.name == layer
    (back,) = xlconv.layouts_of("probed.xlsx")
    assert back.layout.probe is not None
    assert (back.layout.probe.name, back.layout.probe.tensor) == (layer, probe.tensor)
    book = openpyxl.load_workbook("probed.xlsx")
    assert f"Probe: what one unit of {layer} sees" in {
        cell.value for row in book.active["A30:A60"] for cell in row
    }


@pytest.mark.parametrize("layer", ["fc1", "flatten", "input", "nothing", ""])
def test_what_has_no_planes_is_not_probed(layer: str) -> None:
    with pytest.raises(XlconvError, match="expected one of conv1, relu1, conv2, relu2, pool1"):
        xlconv.generate("probed.xlsx", probe=layer)
    with pytest.raises(XlconvError, match="expected no --probe"):
        xlconv.generate("probed.xlsx", preset="padding", probe="stride2")


def test_a_call_has_the_options_of_the_command() -> None:
    import inspect

    from xlconv.cli.generate import command

    own = set(inspect.signature(xlconv.generate).parameters)
    names = {"input_": "input", "fold": "fold_batchnorm", "force": "replace"}
    assert own == {names.get(one.name, one.name) for one in command.params}


def test_a_workbook_is_named_after_its_network_and_replaced_only_if_asked() -> None:
    assert xlconv.generate(preset="edges").path == Path("edges.xlsx")
    with pytest.raises(ExistsError, match="replace=True"):
        xlconv.generate(preset="edges")
    xlconv.generate(preset="edges", replace=True)


@pytest.mark.slow
def test_the_input_may_be_an_array() -> None:
    values = np.round(np.random.default_rng(1).uniform(size=(1, 28, 28)), 3)
    np.save("picture.npy", values)
    made = xlconv.generate("call.xlsx", input=values)
    good("generate", "command.xlsx", "--input", "picture.npy")
    assert made.path.read_bytes() == Path("command.xlsx").read_bytes()
    assert xlconv.generate("list.xlsx", input=values.tolist()).path.is_file()
    with pytest.raises(InputError, match="takes"):
        xlconv.generate("other.xlsx", input=values[0])
    with pytest.raises(InputError, match="--digit and --input"):
        xlconv.generate("other.xlsx", input=values, digit=3)


def test_what_cannot_be_asked_for_is_told_and_nothing_is_written(folder: Path) -> None:
    before = set(folder.iterdir())
    with pytest.raises(XlconvError, match=f"preset 'no': expected one of {next(iter(PRESETS))}"):
        xlconv.generate(preset="no")
    with pytest.raises(XlconvError, match="style 'no'"):
        xlconv.generate(style="no")  # type: ignore[arg-type]
    with pytest.raises(XlconvError, match="relu 'no'"):
        xlconv.generate(relu="no")  # type: ignore[arg-type]
    with pytest.raises(XlconvError, match="init 'no'"):
        xlconv.generate(init="no")
    with pytest.raises(SpecError, match="expected one of them"):
        xlconv.generate(preset="edges", spec="net.toml")
    with pytest.raises(FileError, match=r"ends in \.xlsx"):
        xlconv.generate("out.csv")
    assert set(folder.iterdir()) == before


def test_what_was_done_to_weights_and_input_is_told() -> None:
    assert "drawn from seed 3" in xlconv.generate("a.xlsx", seed=3).warning
    made = xlconv.generate("b.xlsx", spec="net.toml")
    assert (made.warning, repr(made).split(":")[0]) == ("", "b.xlsx")


def test_a_digit_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--digit 12: expected one of 0 to 9"):
        xlconv.generate(tmp_path / "twelve.xlsx", digit=12)
