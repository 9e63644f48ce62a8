from pathlib import Path

import pytest
from hypothesis import given

from tests.helpers.specs import HEAD, TOML
from tests.helpers.strategies import (
    networks,
)
from xlconv.errors import (
    XlconvError,
)
from xlconv.interop.inputs import read_input
from xlconv.network.network import Network
from xlconv.network.spec import network_of, read_spec, spec_of

BAD = [
    ("", "layers are missing"),
    (HEAD + "layers = []", "layers are missing"),
    (TOML, "input is missing: expected input = [channels, height, width]"),
    ("input = [28, 28]\n" + TOML, "input = [28, 28]: expected [channels, height, width]"),
    ("input = [1, 28, 0]\n" + TOML, "expected [channels, height, width]"),
    (HEAD + 'sede = 1\n' + TOML, "unknown key 'sede': did you mean 'seed'?"),
    (HEAD + "seed = -1\n" + TOML, "seed = -1: expected a whole number"),
    (HEAD + 'init = "he"\n' + TOML, "init = 'he': expected one of kaiming"),
    (HEAD + 'seed = 1\nweights = "w.npz"\n' + TOML, "expected one source of weights"),
    (HEAD + 'name = ""\n' + TOML, "name = '': expected a text"),
    (HEAD + '[[layers]]\nout_channels = 2', "layer 1: type is missing"),
    (HEAD + '[[layers]]\ntype = "Pixel"', "layer 1: type = 'Pixel': expected one of Conv2d"),
    (HEAD + '[[layers]]\ntype = "Conv3d"',
     "layer 1: type = 'Conv3d': did you mean 'Conv2d'? expected one of Conv2d"),
    (HEAD + '[[layers]]\ntype = "relu"', "type = 'relu': did you mean 'ReLU'? expected one of"),
    (HEAD + '[[layers]]\ntype = "maxpool2D"', "did you mean 'MaxPool2d'?"),
    (HEAD + '[[layers]]\ntype = "Conv2d"\nKERNEL_SIZE = 3\nout_channels = 2',
     "kernel_size is missing: is it 'KERNEL_SIZE'?"),
    (HEAD + TOML + '[[layers]]\ntype = "ReLU"\n[[layers]]\ntype = "Add"',
     "layer 3 (add1): reads is missing: expected the name of a layer before it, or 'input', "
     "as in reads = \"conv1\", which it reads beside"),
    (HEAD + TOML + "strides = 2", "layer 1 (conv1): unknown key 'strides': did you mean 'stride'"),
    (HEAD + '[[layers]]\ntype = "Conv2d"\nkernel_size = 3', "(conv1): out_channels is missing"),
    (HEAD + TOML + "stride = 0", "layer 1 (conv1): stride = 0: expected a whole number"),
    (HEAD + TOML + "stride = true", "stride = True: expected"),
    (HEAD + TOML + "padding = [1, 2, 3]", "padding = [1, 2, 3]: expected a whole number"),
    (HEAD + TOML + "in_channels = 3", "in_channels = 3, but the input has 1"),
    (HEAD + TOML + 'bias = "no"', "bias = 'no': expected true or false"),
    (HEAD + TOML + 'name = "1st"', "layer 1: name = '1st': expected letters, digits and _"),
    (HEAD + TOML + 'name = "input"', "layer 1: name = 'input' is taken"),
    (HEAD + TOML + TOML + 'name = "conv1"', "layer 2: name = 'conv1' is taken"),
    (HEAD + TOML + TOML.replace("= 3", "= 30"),
     "layer 2 (conv2): a kernel of 30×30 is larger than its padded input of 26×26"),
    (HEAD + TOML + '[[layers]]\ntype = "Linear"\nout_features = 3',
     "layer 2 (fc1): Linear takes a vector, but the input is 2×26×26: put a Flatten before"),
    (HEAD + TOML + '[[layers]]\ntype = "MaxPool2d"\nkernel_size = 2\npadding = 2',
     "layer 2 (pool1): padding = 2: expected at most half of kernel_size = 2"),
    (HEAD + 'classes = ["a"]\n' + TOML, "1 classes, but the last layer gives 2×26×26"),
    (HEAD + 'classes = [1]\n' + TOML, "classes = [1]: expected a list of texts"),
    (HEAD + TOML.replace("= 2", "= 99999999999"), "weights; expected at most"),
    (HEAD + "[[layers", "not TOML"),
    ("a = " + "[" * 3000, "n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD)
def test_a_bad_description_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "net.toml"
    path.write_text(text)
    with pytest.raises(XlconvError) as caught:
        read_spec(path)
    said = str(caught.value)
    assert message in said
    assert said.startswith(f"{path}: ")
    assert "\n" not in said


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    with pytest.raises(XlconvError, match="No such file"):
        read_spec(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(XlconvError, match="not UTF-8"):
        read_spec(path)
    with pytest.raises(XlconvError, match="Is a directory"):
        read_spec(tmp_path)


def test_weights_are_looked_for_beside_the_description(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(HEAD + 'weights = "w.npz"\n' + TOML)
    assert read_spec(path).weights == tmp_path / "w.npz"


@given(networks())
def test_a_network_describes_itself(network: Network) -> None:
    again = network_of(spec_of(network))
    assert again.shapes == network.shapes
    assert again.with_state(network.state()) == network


BAD_SPEC = [
    (HEAD + TOML + 'name = "INPUT"', "name = 'INPUT' is taken"),
    (HEAD + TOML + TOML + 'name = "Conv1"', "layer 2: name = 'Conv1' is taken"),
    (HEAD + TOML + f'name = "{"a" * 61}"', "at most 60"),
    (HEAD + 'init = "xavier"\nweights = "w.npz"\n' + TOML, "expected one source of weights"),
    (HEAD + "weights = 3\n" + TOML, "weights = 3: expected the name of an .npz file"),
]


@pytest.mark.parametrize(("text", "message"), BAD_SPEC)
def test_a_bad_description(tmp_path, text, message) -> None:
    (tmp_path / "net.toml").write_text(text)
    with pytest.raises(XlconvError) as caught:
        read_spec(tmp_path / "net.toml")
    assert message in str(caught.value)


def test_a_byte_order_mark_is_no_content(tmp_path) -> None:
    (tmp_path / "net.toml").write_text(HEAD + TOML, encoding="utf-8-sig")
    assert read_spec(tmp_path / "net.toml").network.name == "net"
    (tmp_path / "a.csv").write_text("1,2\n3,4\n", encoding="utf-8-sig")
    assert read_input(tmp_path / "a.csv", (1, 2, 2)).values.ravel().tolist() == [1, 2, 3, 4]
