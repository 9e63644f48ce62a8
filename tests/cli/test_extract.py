"""What extract and --model say on the command line."""

from pathlib import Path

import pytest

from tests.helpers.command import good, refused, run
from tests.helpers.many_files import right_file, wrong_file
from tests.helpers.small_network import small, workbook
from xlconv.interop import load_network, save_network
from xlconv.network.spec import network_of


def test_extract_refuses_in_one_line_and_writes_nothing(tmp_path: Path) -> None:
    path = workbook(small(), tmp_path / "small.xlsx")
    (tmp_path / "mine.npz").write_text("mine")
    (tmp_path / "notes.xlsx").write_text("no workbook")
    before = sorted(tmp_path.iterdir())
    for words, message in (
        ((path, "-o", tmp_path / "m.txt"), "expected a name that ends in .npz, .onnx or .pt"),
        ((path, "-o", tmp_path / "m"), "or --format csv for a folder of tables"),
        ((path, "-o", tmp_path / "m.csv"), "or --format csv for a folder of tables"),
        ((path, "-o", tmp_path / "mine.npz"), "exists; to replace it, expected --force"),
        ((path, "-o", tmp_path / "no" / "m.npz"), "No such file or directory"),
        ((path, "-o", tmp_path / "no" / "m", "--format", "csv"), "No such file or directory"),
        ((path, "-o", tmp_path / "m.npz", "--network", "2"), "no network 2; expected one of 1 on network: edges"),
        ((path, "-o", tmp_path / "m.npz", "--network", "0"), "no network 0"),
        ((tmp_path / "notes.xlsx", "-o", tmp_path / "m.npz"), "notes.xlsx: "),
        ((tmp_path / "none.xlsx", "-o", tmp_path / "m.npz"), "none.xlsx: "),
    ):  # fmt: skip
        assert message in refused("extract", *words), words
    assert sorted(tmp_path.iterdir()) == before
    good("extract", path, "-o", tmp_path / "mine.npz", "--force")
    assert load_network(tmp_path / "mine.npz") == small()


def test_what_is_wrong_with_the_workbook_is_told_and_it_is_extracted(tmp_path: Path) -> None:
    right, wrong = right_file(tmp_path / "right.xlsx"), wrong_file(tmp_path / "wrong.xlsx")
    said = run("extract", right, "-o", tmp_path / "right.npz")
    assert (said.exit_code, said.stderr) == (0, "")
    said = run("extract", wrong, "-o", tmp_path / "wrong.npz")
    (line,) = said.stderr.splitlines()
    assert line.startswith(f"warning: {wrong}: 1 error; taken all the same ")
    assert line.endswith(f": xlconv verify {wrong}")
    assert (said.exit_code, (tmp_path / "wrong.npz").exists()) == (0, True)


def test_missing_extras_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(small(), tmp_path / "small.xlsx")
    save_network(small(), tmp_path / "m.onnx")
    for library, name in (("onnx", "m2.onnx"), ("torch", "m2.pt")):
        with monkeypatch.context() as patch:
            patch.setitem(__import__("sys").modules, library, None)
            said = refused("extract", path, "-o", tmp_path / name)
            assert said == f"{tmp_path / name}: {said.split(': ')[1]}: pip install '.[{library}]'"
            if library == "onnx":
                said = refused("generate", tmp_path / "x.xlsx", "--model", tmp_path / "m.onnx")
                assert "pip install '.[onnx]'" in said
        assert not (tmp_path / name).exists()


def test_a_model_is_the_only_source(tmp_path: Path) -> None:
    save_network(small(), tmp_path / "m.npz")
    for option, value in (
        ("--preset", "edges"), ("--spec", "net.toml"), ("--weights", "w.npz"), ("--seed", "1"),
        ("--init", "xavier"),
    ):  # fmt: skip
        said = refused("generate", "--model", tmp_path / "m.npz", option, value)
        assert said.startswith(f"--model and {option}: expected one of them")
    wide = network_of({"input": [1, 3, 17000], "layers": [{"type": "ReLU"}]})
    save_network(wide, tmp_path / "wide.npz")
    assert refused("generate", "--model", tmp_path / "wide.npz").startswith(
        f"{tmp_path}/wide.npz: "
    )
