from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xlconv.errors import (
    InputError,
    WeightsError,
)
from xlconv.interop.inputs import read_input, read_weights


def test_arrays_are_taken_as_they_are(tmp_path: Path) -> None:
    values = np.arange(12.0).reshape(1, 3, 4) / 7
    np.save(tmp_path / "a.npy", values[0])
    np.savez(tmp_path / "a.npz", x=values)
    np.savetxt(tmp_path / "a.csv", values[0], delimiter=",", fmt="%.17g")
    for name in ("a.npy", "a.npz", "a.csv"):
        found = read_input(tmp_path / name, (1, 3, 4))
        assert np.array_equal(found.values, values)
        assert found.remark == ""


def test_csv_has_channels_below_each_other(tmp_path: Path) -> None:
    values = np.arange(24.0).reshape(2, 3, 4)
    np.savetxt(tmp_path / "a.csv", values.reshape(6, 4), delimiter=",")
    assert np.array_equal(read_input(tmp_path / "a.csv", (2, 3, 4)).values, values)


def test_pictures_are_resized_and_scaled_and_told_so(tmp_path: Path) -> None:
    picture = np.zeros((56, 56, 3), np.uint8)
    picture[:28] = (255, 0, 0)
    Image.fromarray(picture).save(tmp_path / "a.png")
    colour = read_input(tmp_path / "a.png", (3, 28, 28))
    assert colour.values[:, 0, 0].tolist() == [1, 0, 0]
    assert colour.values[:, 27, 27].tolist() == [0, 0, 0]
    assert "56×56 RGB → 28×28 RGB, scaled to 0" in colour.remark
    grey = read_input(tmp_path / "a.png", (1, 28, 28))
    assert grey.values[0, 0, 0] == pytest.approx(0.298, abs=1e-3)
    assert "28×28 grey" in grey.remark


def test_transparent_is_white(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert (read_input(tmp_path / "a.png", (1, 2, 2)).values == 1).all()


GRADIENT = np.linspace(0, 1, 16).reshape(4, 4)
WRITTEN = {  # the mode read, the numbers it has, and the ending they are written with
    "I;16": ((GRADIENT * 65535).astype(np.uint16), ".png"),
    "I": ((GRADIENT * 65535).astype(np.int32), ".tiff"),
    "F": (GRADIENT.astype(np.float32), ".tiff"),
    "L": ((GRADIENT * 255).astype(np.uint8), ".png"),
}


@pytest.mark.parametrize("mode", WRITTEN)
def test_greys_of_every_depth_are_scaled_by_their_range(tmp_path: Path, mode: str) -> None:
    values, ending = WRITTEN[mode]
    Image.fromarray(values).save(tmp_path / f"a{ending}")
    (tmp_path / f"a{ending}").replace(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == mode
    grey = read_input(tmp_path / "a.png", (1, 4, 4))
    assert grey.values[0] == pytest.approx(GRADIENT, abs=0.005)
    assert f"4×4 {mode} → 4×4 grey" in grey.remark
    assert (read_input(tmp_path / "a.png", (3, 4, 4)).values == grey.values).all()
    half = read_input(tmp_path / "a.png", (1, 2, 2)).values[0]
    assert half == pytest.approx(GRADIENT.reshape(2, 2, 2, 2).mean((1, 3)), abs=0.005)


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA"])
def test_pictures_of_other_modes_stay_what_they_show(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(np.repeat([0, 255], 8).reshape(4, 4).astype(np.uint8)).convert(mode)
    image.save(tmp_path / "a.png")
    values = read_input(tmp_path / "a.png", (1, 4, 4)).values[0]
    assert values.tolist() == [[0] * 4] * 2 + [[1] * 4] * 2


def test_a_picture_beyond_the_range_of_its_mode_is_refused(tmp_path: Path) -> None:
    for values in (np.full((2, 2), 70_000, np.int32), np.full((2, 2), np.nan, np.float32)):
        Image.fromarray(values).save(tmp_path / "a.tiff")
        (tmp_path / "a.tiff").replace(tmp_path / "a.png")
        with pytest.raises(InputError, match=r"mode [IF] from \w+ to \w+; expected 0 to"):
            read_input(tmp_path / "a.png", (1, 2, 2))


BAD = [
    ("a.txt", b"1", r"a\.txt: \.txt file ending; expected one of \.csv, \.jpeg"),
    ("a", b"1", "no file ending"),
    ("a.npy", b"1", "not an .npy file"),
    ("a.npz", b"PK\x03\x04", "not an .npz file"),
    ("a.csv", b"1,2\n3", "not a table of numbers"),
    ("a.csv", b"1,x", "not a table of numbers"),
    ("a.csv", b"1;2\n3;4", r"semicolons \(;\) between the numbers; expected commas"),
    ("a.csv", b"0,5;1,2", r"semicolons \(;\) between the numbers; expected commas"),
    ("a.csv", b"1,2\n3,4", r"shape 2×2; the network takes 1×3×4"),
    ("a.csv", b"1,2,3,4\n1,2,3,nan\n1,2,3,4", "NaN or infinity"),
    ("a.png", b"\x89PNG", "not a picture"),
    ("a.jpg", b"", "not a picture"),
]


@pytest.mark.parametrize(("name", "data", "message"), BAD)
def test_bad_inputs_are_one_clear_line(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=message) as caught:
        read_input(tmp_path / name, (1, 3, 4))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")


def test_arrays_of_the_wrong_kind_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, a=np.zeros(3), b=np.zeros(3))
    with pytest.raises(InputError, match=r"2 arrays \(a, b\); expected one"):
        read_input(path, (3,))
    np.save(tmp_path / "a.npy", np.array(["a"]))
    with pytest.raises(InputError, match="expected real numbers"):
        read_input(tmp_path / "a.npy", (1,))
    np.save(tmp_path / "o.npy", np.array([{}], dtype=object))
    with pytest.raises(InputError, match=r"not an \.npy file"):
        read_input(tmp_path / "o.npy", (1,))
    with pytest.raises(InputError, match="No such file"):
        read_input(tmp_path / "none.npy", (1,))
    Image.new("L", (4, 4)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match="a picture has 1 or 3 channels"):
        read_input(tmp_path / "a.png", (2, 4, 4))


def test_weights_are_read_by_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", **{"conv1.weight": np.ones(2)})
    assert list(read_weights(tmp_path / "w.npz")) == ["conv1.weight"]
    np.save(tmp_path / "w.npy", np.ones(2))
    for name, data, message in (
        ("none.npz", None, "No such file"),
        ("w.npy", None, "a single array"),
        ("bad.npz", b"PK\x03\x04oops", "not an .npz file"),
        ("empty.npz", b"", "not an .npz file"),
        ("text.npz", b"hello", "not an .npz file"),
    ):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        with pytest.raises(WeightsError, match=message):
            read_weights(tmp_path / name)


def test_pictures_keep_their_axes(tmp_path) -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:2] = (255, 0, 0)  # the upper half
    Image.fromarray(picture).save(tmp_path / "a.png")
    found = read_input(tmp_path / "a.png", (3, 2, 3))
    assert found.values[0].tolist() == [[1, 1, 1], [0, 0, 0]]
    assert "6×4 RGB → 3×2 RGB" in found.remark


def test_pictures_are_averaged_and_only_what_is_transparent_is_white(tmp_path) -> None:
    board = np.indices((4, 4)).sum(axis=0) % 2 * 255
    Image.fromarray(board.astype(np.uint8)).save(tmp_path / "a.png")
    found = read_input(tmp_path / "a.png", (1, 2, 2)).values
    assert found.ravel().tolist() == [0.5] * 4
    Image.new("RGBA", (2, 2), (0, 0, 0, 255)).save(tmp_path / "b.png")
    assert (read_input(tmp_path / "b.png", (1, 2, 2)).values == 0).all()
    Image.new("P", (2, 2), 0).save(tmp_path / "c.png", transparency=0)
    assert (read_input(tmp_path / "c.png", (1, 2, 2)).values == 1).all()


def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path, monkeypatch) -> None:
    Image.new("L", (4, 5)).save(tmp_path / "a.png")
    monkeypatch.setattr("xlconv.interop.pictures._MOST_PIXELS", 19)
    with pytest.raises(InputError, match="4×5 pixels; expected at most 19"):
        read_input(tmp_path / "a.png", (1, 2, 2))


def test_arrays_of_the_right_size_and_wrong_shape_are_refused(tmp_path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 3)))
    with pytest.raises(InputError, match="shape 4×3"):
        read_input(tmp_path / "a.npy", (1, 3, 4))
    np.save(tmp_path / "b.npy", np.zeros((6, 4)))  # only CSV has channels below each other
    with pytest.raises(InputError, match="shape 6×4"):
        read_input(tmp_path / "b.npy", (2, 3, 4))
    np.save(tmp_path / "c.npy", np.array([1j]))
    with pytest.raises(InputError, match="complex128 values; expected real numbers"):
        read_input(tmp_path / "c.npy", (1,))
    for text in ("1,2,3\n", "1\n2\n3\n"):
        (tmp_path / "v.csv").write_text(text)
        assert read_input(tmp_path / "v.csv", (3,)).values.tolist() == [1, 2, 3]
