from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

import xlconv.presets
from tests.helpers.command import good, run
from tests.helpers.documents import TEXT
from tests.helpers.specs import HEAD, TOML
from xlconv.cli import main
from xlconv.interop import save_network
from xlconv.layers import Dropout
from xlconv.presets import PRESETS, sample_digit
from xlconv.spreadsheet.xlsx.read import read_xlsx
from xlconv.verification.verify import verify

SPEC = """
input = [1, 10, 12]
seed = 3
classes = ["cat", "dog"]

[[layers]]
type = "Conv2d"
out_channels = 2
kernel_size = 3
padding = 1

[[layers]]
type = "ReLU"

[[layers]]
type = "Flatten"

[[layers]]
type = "Linear"
out_features = 2

[[layers]]
type = "Softmax"
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.toml").write_text(SPEC)
    return tmp_path


def test_generate_tells_what_it_wrote_and_what_comes_next(folder: Path) -> None:
    output = good("generate")
    assert (folder / "conv-example.xlsx").is_file()
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert "conv2 Conv2d 3×3 2×24×24 38 20,736 in relu2" in lines
    assert "relu1 ReLU 2×26×26 AH3:BG28, AH32:BG57" in lines
    assert "fc1 Linear 10 2,890 2,880 FN4:FN13" in lines
    assert "predicted class: 7 (98.5%)" in lines
    assert "conv-example.xlsx: 2,823 formulas, each with its value" in lines
    after = lines[lines.index("next:") + 1 :]
    assert len(after) == 2


@pytest.mark.slow
def test_an_existing_file_is_only_replaced_with_force(folder: Path) -> None:
    (folder / "x.xlsx").write_text("mine")
    result = run("generate", "x.xlsx")
    assert result.exit_code == 2
    assert result.output == "error: x.xlsx: exists; to replace it, expected --force\n"
    assert (folder / "x.xlsx").read_text() == "mine"
    good("generate", "x.xlsx", "--force")
    assert openpyxl.load_workbook(folder / "x.xlsx").active.title == "conv-example"


def test_presets_are_listed_a_line_each() -> None:
    lines = good("presets").splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)
    assert lines[0].endswith("(default)")


@pytest.mark.many
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_generates(name: str, folder: Path) -> None:
    good("generate", "--preset", name)
    assert (folder / f"{name}.xlsx").is_file()


def test_a_spec_with_seed_weights_and_input(folder: Path) -> None:
    seeded = good("generate", "--spec", "net.toml")
    assert "input: seeded numbers of shape 1×10×12" in seeded
    assert "predicted class: " in seeded
    values = openpyxl.load_workbook("net.xlsx", data_only=True).active
    numbers = [cell.value for row in values for cell in row if isinstance(cell.value, float)]
    good("generate", "again.xlsx", "--spec", "net.toml")
    assert (folder / "again.xlsx").read_bytes() == (folder / "net.xlsx").read_bytes()
    good("generate", "other.xlsx", "--spec", "net.toml", "--seed", "4", "--init", "torch-default")
    assert (folder / "other.xlsx").read_bytes() != (folder / "net.xlsx").read_bytes()
    state = {
        "conv1.weight": np.ones((2, 1, 3, 3)), "conv1.bias": np.zeros(2),
        "fc1.weight": np.ones((2, 240)), "fc1.bias": np.array([0, 1]),
    }  # fmt: skip
    np.savez("w.npz", **state)
    np.save("x.npy", np.ones((10, 12)))
    output = good(
        "generate", "w.xlsx", "--spec", "net.toml", "--weights", "w.npz", "--input", "x.npy"
    )
    assert "predicted class: dog (73.1%)" in output
    assert numbers


def test_weights_named_in_the_spec_are_used(folder: Path) -> None:
    np.savez("w.npz", **{"conv1.weight": np.full((1, 1, 1, 1), 3.0)})
    (folder / "one.toml").write_text(
        'input = [1, 2, 2]\nweights = "w.npz"\n[[layers]]\ntype = "Conv2d"\n'
        "out_channels = 1\nkernel_size = 1\nbias = false\n"
    )
    np.save("x.npy", np.ones((2, 2)))
    good("generate", "--spec", "one.toml", "--input", "x.npy")
    sheet = openpyxl.load_workbook("one.xlsx", data_only=True).active
    assert 3 in [cell.value for row in sheet for cell in row]


@pytest.mark.slow
def test_style_relu_and_digit_are_taken() -> None:
    output = good("generate", "--style", "array", "--relu", "separate", "--digit", "3")
    assert "predicted class: 3" in output
    sheet = openpyxl.load_workbook("conv-example.xlsx").active
    assert sheet["AH3"].value.text == "=SUM(A2:C4*$AD$11:$AF$13)+$AD$15"
    assert sheet["BI3"].value == "=MAX(0,AH3)"


@pytest.mark.slow
def test_training_draws_masks_from_the_seed_and_keeps_given_weights(folder: Path) -> None:
    (folder / "drop.toml").write_text(SPEC.replace('"ReLU"', '"Dropout"'))
    plain = good("generate", "--spec", "drop.toml")
    assert "as it stands" in plain and "in training" not in plain
    for name, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        told = good("generate", f"{name}.xlsx", "--spec", "drop.toml", "--training", "--seed", seed)
        assert "Dropout p = 0.5, in training" in told
    one, same, other = (verify(f"{name}.xlsx").network for name in "abc")
    assert one is not None and other is not None
    assert one == same and one.layers[1] != other.layers[1]
    assert one.state()["conv1.weight"].tolist() != other.state()["conv1.weight"].tolist()
    # Weights that are given stay: the seed is for the masks alone.
    np.savez("w.npz", **one.state())
    good("generate", "d.xlsx", "--spec", "drop.toml", "--weights", "w.npz", "--training",
         "--seed", "6")  # fmt: skip
    drawn = verify("d.xlsx").network
    assert drawn is not None
    assert drawn.fingerprint() == one.fingerprint()
    assert drawn.layers[1] == other.layers[1]
    save_network(replace(one, layers=(one.layers[0], Dropout(), *one.layers[2:])), "m.npz")
    for option in ("--model", "--weights"):
        good("generate", "e.xlsx", option, "m.npz", "--training", "--seed", "6", "--force")
        assert verify("e.xlsx").network == drawn


@pytest.mark.slow
def test_a_folded_batchnorm_is_gone_and_the_prediction_the_same(folder: Path) -> None:
    kept = good("generate", "kept.xlsx", "--preset", "batchnorm")
    folded = good("generate", "folded.xlsx", "--preset", "batchnorm", "--fold-batchnorm")
    line = next(line for line in kept.splitlines() if line.startswith("predicted"))
    assert line in folded.splitlines()
    readme = TEXT
    assert f"find the same {line.partition('(')[2].rstrip('%)')} %" in readme
    assert "BatchNorm2d" in kept and "BatchNorm2d" not in folded
    report = verify("folded.xlsx")
    assert report.coverage == 1.0 and not report.findings
    assert report.network is not None
    network, x = PRESETS["batchnorm"].network(), PRESETS["batchnorm"].sample()
    np.testing.assert_allclose(report.network.forward(x), network.forward(x), rtol=1e-12)


@pytest.mark.slow
def test_both_heads_are_told(folder: Path) -> None:
    output = good("generate", "--preset", "multi-label", "--relu", "separate")
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert "predicted class: 2 (77.8%)" in lines
    assert "predicted labels: 0 (94.6%), 2 (98.4%)" in lines
    assert [line.split()[0] for line in lines if "Softmax" in line or "Sigmoid" in line] == [
        "softmax", "sigmoid1",
    ]  # fmt: skip
    assert sum(line.startswith("conv1 ") for line in lines) == 1
    assert verify("multi-label.xlsx").coverage == 1.0
    state = {key: 0 * value for key, value in PRESETS["multi-label"].network().state().items()}
    np.savez("no.npz", **state | {"fc1.bias": np.full(10, -1.0)})
    bare = good("generate", "no.xlsx", "--preset", "multi-label", "--weights", "no.npz")
    assert "predicted labels: none" in bare.splitlines()


@pytest.mark.slow
def test_a_digit_stands_in_the_middle_of_a_wider_input() -> None:
    output = good("generate", "--preset", "lenet5", "--digit", "3")
    assert "predicted class: 3 (" in output
    sheet = openpyxl.load_workbook("lenet5.xlsx", read_only=True).active
    shown = np.array([[cell.value for cell in row] for row in sheet["A2:AF33"]])
    np.testing.assert_array_equal(shown, sample_digit(3, 32)[0])
    assert not shown[:2].any() and not shown[:, -2:].any() and shown[2:30, 2:30].any()


@pytest.mark.slow
def test_drawn_weights_in_place_of_trained_ones_are_told(folder: Path) -> None:
    told = run("generate", "a.xlsx", "--preset", "dropout", "--seed", "3", "--init", "xavier")
    line = "warning: weights: drawn from seed 3 (xavier), not the trained ones of preset dropout\n"
    assert (told.exit_code, told.stderr) == (0, line)
    assert run("generate", "b.xlsx", "--init", "uniform").stderr == (
        "warning: weights: drawn from seed 0 (uniform), not the trained ones of preset "
        "conv-example\n"
    )
    np.savez("w.npz", **PRESETS["dropout"].network().state())
    for words in (
        ("--preset", "residual", "--seed", "3"),
        ("--spec", "net.toml", "--seed", "3"),
        ("--preset", "dropout"),
        ("--preset", "dropout", "--weights", "w.npz"),
    ):
        assert run("generate", "c.xlsx", "--force", *words).stderr == "", words


def test_trained_presets_say_so() -> None:
    trained = {name for name, preset in PRESETS.items() if preset.is_trained}
    data = Path(xlconv.presets.__file__).parent / "data"
    files = {name.replace("-", "_") for name in trained}
    assert files == {one.stem for one in data.glob("*.npz")} & {
        name.replace("-", "_") for name in PRESETS
    }


@pytest.mark.slow
def test_a_workbook_larger_than_verify_reads_comes_with_the_option(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "--max-cells" not in run("generate", "a.xlsx").output
    cells = len(read_xlsx("a.xlsx").sheets[0])
    monkeypatch.setattr("xlconv.cli.generate._READ", 1000)
    told = run("generate", "b.xlsx")
    assert told.stderr == (
        f"note: b.xlsx: {cells:,} cells; verify, inspect and explain read 1,000 "
        f"unless --max-cells {cells} asks for more\n"
    )
    (step,) = (line for line in told.stdout.splitlines() if "xlconv verify" in line)
    command = step.split("#")[0].split()[1:]
    assert run(*command).exit_code == 0
    less = run(*command[:-1], str(cells - 1))
    assert less.exit_code == 2
    assert f"b.xlsx: unreadable (more than the {cells - 1:,} cells allowed" in less.output
    assert "; expected a larger --max-cells" in less.output
    texts = run("verify", "b.xlsx", "--max-cells", "10")
    assert "more texts than the 10 cells allowed; expected a larger --max-cells" in texts.output


BAD = [
    (("x.ods",), "x.ods: expected a name that ends in .xlsx"),
    (("no/x.xlsx",), "no/x.xlsx: No such file or directory; expected a folder to write to"),
    (("--spec", "none.toml"), "none.toml: No such file or directory; expected a TOML file"),
    (("--spec", "net.toml", "--preset", "edges"), "--preset and --spec: expected one of them"),
    (("--weights", "none.npz"), "none.npz: No such file or directory; expected an .npz file"),
    (("--weights", "w.npz"), "w.npz: conv9.weight: no such parameter; expected conv1.weight"),
    (("--weights", "w.npz", "--seed", "1"), "--weights and --seed or --init: expected one source"),
    (("--spec", "net.toml", "--digit", "3"),
     "--digit: samples are 1×28×28; the network takes 1×10×12"),
    (("--digit", "3", "--input", "x.npy"), "--digit and --input: expected one of them"),
    (("--input", "x.npy"), "x.npy: shape 3×3; the network takes 1×28×28"),
    (("--training",), "preset conv-example: --training: no Dropout; expected a network with one"),
    (("--fold-batchnorm", "--spec", "net.toml"),
     "net.toml: --fold-batchnorm: no BatchNorm2d right after a Conv2d; expected one to fold"),
    (("--preset", "fastai", "--style", "array"), "--preset fastai: has an arrangement of its own"),
    (("--spec", "wide.toml"), "wide.toml: the network needs"),
    (("--spec", "bad.toml"), "bad.toml: layer 1 (conv1): a kernel of 30×30 is larger"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), BAD)
def test_bad_input_is_one_line_exit_code_2_and_nothing_written(
    folder: Path, words: tuple[str, ...], message: str
) -> None:
    np.savez("w.npz", **{"conv9.weight": np.ones(2)})
    np.save("x.npy", np.ones((3, 3)))
    layer = '[[layers]]\ntype = "Conv2d"\nout_channels = 1\nkernel_size = '
    (folder / "wide.toml").write_text(f"input = [1, 3, 17000]\n{layer}3\n")
    (folder / "bad.toml").write_text(f"input = [1, 28, 28]\n{layer}30\n")
    before = sorted(folder.iterdir())
    result = run("generate", *words)
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert sorted(folder.iterdir()) == before


def test_unknown_words_are_usage_errors() -> None:
    for words in (("generate", "--preset", "x"), ("generate", "--digit", "10"), ("gen",)):
        assert run(*words).exit_code == 2


def test_every_command_and_option_explains_itself() -> None:
    assert "generate" in good("--help")
    for name in main.list_commands(None):
        command = main.get_command(None, name)
        assert command is not None
        assert "Example:" in good(name, "--help")
        for parameter in command.params:
            assert parameter.param_type_name == "argument" or parameter.help


def test_a_name_in_a_spec_cannot_leave_the_folder(folder: Path) -> None:
    (folder / "net.toml").write_text('name = "../../x y"\n' + SPEC)
    good("generate", "--spec", "net.toml")
    assert (folder / "x-y.xlsx").is_file()


def test_the_version_is_told() -> None:
    assert good("--version").startswith("xlconv ") or good("--version").startswith("main ")


def test_file_names_of_any_spelling(folder) -> None:
    good("generate", "X.XLSX", "--preset", "edges")
    (folder / "net.toml").write_text('name = "???"\n' + HEAD + TOML)
    good("generate", "--spec", "net.toml")
    assert {one.name for one in folder.iterdir()} == {"X.XLSX", "net.toml", "net.xlsx"}


def test_more_words_that_do_not_go_together(folder) -> None:
    result = CliRunner().invoke(main, ["generate", "--preset", "fastai", "--relu", "fused"])
    assert result.exit_code == 2 and "arrangement of its own" in result.output
    result = CliRunner().invoke(main, ["generate", "--seed", "-1"])
    assert result.exit_code == 2 and result.output.startswith("error: --seed: -1 is ")


LINEAR_TOML = '[[layers]]\ntype = "Linear"\nout_features = '


def test_logits_have_no_percentage_and_one_number_no_class(folder) -> None:
    np.save("x.npy", np.zeros(3))
    np.savez("w.npz", **{"fc1.weight": np.zeros((2, 3)), "fc1.bias": [1, 4]})
    (folder / "two.toml").write_text(f"input = [3]\n{LINEAR_TOML}2\n")
    output = good("generate", "--spec", "two.toml", "--weights", "w.npz", "--input", "x.npy")
    assert "predicted" not in output
    (folder / "one.toml").write_text(f"input = [3]\n{LINEAR_TOML}1\n")
    assert "predicted" not in good("generate", "--spec", "one.toml")


def test_style_and_relu_are_taken_for_a_description(folder) -> None:
    (folder / "net.toml").write_text(HEAD + TOML + '[[layers]]\ntype = "ReLU"\n')
    good("generate", "--spec", "net.toml", "--style", "array", "--relu", "separate")
    sheet = openpyxl.load_workbook("net.xlsx").active
    assert sheet["AH3"].value.text == "=SUM(A2:C4*$AD$11:$AF$13)+$AD$15"
    assert sheet["BI3"].value == "=MAX(0,AH3)"


def test_more_than_two_planes_are_told_by_the_first_and_the_last(folder) -> None:
    network = PRESETS["edges"].network()
    planes = PRESETS["edges"].layout(network).places[1].planes
    told = f"{planes[0].range.name} … {planes[3].range.name} (4 planes)"
    assert told in " ".join(good("generate", "--preset", "edges").split())


def test_presets_are_told_with_their_summaries() -> None:
    lines = good("presets").splitlines()
    for line, preset in zip(lines, PRESETS.values(), strict=True):
        assert preset.summary in line
