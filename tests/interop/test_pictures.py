"""How pictures become inputs: fitted, inverted, and brought to where MNIST has its digits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

import xlconv
from tests.helpers.command import run
from tests.helpers.strategies import at_inference
from xlconv.errors import InputError, XlconvError
from xlconv.generation.sources import Sources, chosen_input
from xlconv.interop.inputs import Input, read_input
from xlconv.interop.pictures import FITS, Fitting
from xlconv.presets import PRESETS, sample_digit

WIDE = (60, 30)
STROKES = {  # of digits drawn with a pen, in a square of 100
    1: [[(50, 5), (50, 95)]],
    4: [[(62, 5), (20, 62), (85, 62)], [(66, 42), (66, 95)]],
    7: [[(15, 8), (85, 8), (42, 95)]],
}


def of_thirds(path: Path, size: tuple[int, int] = WIDE) -> Path:
    """A picture in three upright stripes: black, grey, white."""
    stripes = np.repeat(np.array([0, 128, 255], np.uint8), size[0] // 3)
    Image.fromarray(np.tile(stripes, (size[1], 1))).save(path)
    return path


def photo_of(digit: int, path: Path, *, paper: int = 235, ink: int = 40) -> Path:
    """A dark digit on light, noisy paper, small and off its middle, as a camera has it."""
    generator = np.random.default_rng(digit)
    shown = Image.new("L", (320, 240), paper)
    draw = ImageDraw.Draw(shown)
    for stroke in STROKES[digit]:
        points = [(190 + x, 30 + y) for x, y in stroke]
        draw.line(points, fill=ink, width=12, joint="curve")
    blurred = np.asarray(shown.filter(ImageFilter.GaussianBlur(1.5)), np.float64)
    noisy = blurred + generator.normal(0, 3, blurred.shape)
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(path)
    return path


def test_contain_leaves_room_of_the_papers_shade(tmp_path: Path) -> None:
    path = of_thirds(tmp_path / "a.png")
    found = read_input(path, (1, 6, 6), Fitting("contain"))
    middle = [0, 0, 0.502, 0.502, 1, 1]
    # As many border pixels are black as white: their median is the grey between.
    assert found.values[0].tolist() == [[0.502] * 6, *[middle] * 3, [0.502] * 6, [0.502] * 6]
    assert found.remark.endswith("fitted by contain")


def test_cover_cuts_off_two_sides(tmp_path: Path) -> None:
    found = read_input(of_thirds(tmp_path / "a.png"), (1, 6, 6), Fitting("cover"))
    assert found.values[0].tolist() == [[0, 0.502, 0.502, 0.502, 0.502, 1]] * 6
    tall = read_input(of_thirds(tmp_path / "b.png", (6, 20)), (1, 2, 3), Fitting("cover"))
    assert tall.values[0].tolist() == [[0, 0.502, 1]] * 2


def test_stretch_keeps_all_and_no_proportions(tmp_path: Path) -> None:
    path = of_thirds(tmp_path / "a.png")
    found = read_input(path, (1, 4, 3), Fitting("stretch"))
    assert found.values[0].tolist() == [[0, 0.502, 1]] * 4
    assert read_input(path, (1, 4, 3)).values.tolist() == found.values.tolist()


@pytest.mark.parametrize("shade", [0, 120, 255])
def test_a_picture_of_one_colour_is_told_to_be(shade: int, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(-1, 2, (50, 50))
    plain = np.full((50, 50), shade)
    for name, values in (("plain", plain), ("noisy", plain + noise)):
        path = tmp_path / f"{name}.png"
        Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).save(path)
        for fitting in (Fitting("contain", digit=True, dark=True), Fitting("stretch")):
            warning = read_input(path, (1, 28, 28), fitting).warning
            assert warning == f"{name}.png: all of one colour; expected something on it"
    assert not read_input(of_thirds(tmp_path / "some.png"), (1, 28, 28)).warning
    said = run("generate", tmp_path / "x.xlsx", "--input", path)
    assert said.exit_code == 0
    assert said.stderr == "warning: noisy.png: all of one colour; expected something on it\n"


@pytest.mark.parametrize("fit", FITS)
def test_a_picture_of_the_inputs_proportions_is_the_same_by_each_fit(
    fit: str, tmp_path: Path
) -> None:
    path = of_thirds(tmp_path / "a.png")
    found = read_input(path, (3, 5, 10), Fitting(fit))  # type: ignore[arg-type]
    assert found.values.tolist() == read_input(path, (3, 5, 10)).values.tolist()
    assert "fitted" not in found.remark


@pytest.mark.parametrize("channels", [1, 3])
def test_inverted_is_a_negative(channels: int, tmp_path: Path) -> None:
    path = of_thirds(tmp_path / "a.png")
    plain, negative = (
        read_input(path, (channels, 5, 10), Fitting(invert=invert)) for invert in (False, True)
    )
    assert negative.values == pytest.approx(1 - plain.values, abs=1e-9)
    assert negative.remark.endswith("(white), inverted")


@pytest.mark.parametrize("digit", range(10))
def test_the_picture_of_a_sample_is_the_sample(digit: int, tmp_path: Path) -> None:
    sample = sample_digit(digit)[0]
    shades = Image.fromarray(np.round(255 * sample).astype(np.uint8))
    as_it_is, large = tmp_path / "a.png", tmp_path / "b.png"
    shades.save(as_it_is)
    canvas = Image.new("L", (500, 300))
    canvas.paste(shades.resize((280, 280), Image.Resampling.NEAREST), (200, 15))
    canvas.save(large)
    # MNIST's makers rounded a centre that lies between two pixels, of shades that are gone here.
    moved = [np.roll(sample, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    for path in (as_it_is, large):
        found = read_input(path, (1, 28, 28), Fitting("contain", digit=True)).values[0]
        assert min(np.abs(found - one).max() for one in moved) <= 0.01, path
    wider = read_input(large, (1, 32, 32), Fitting("contain", digit=True)).values
    assert np.array_equal(wider[0], np.pad(found, 2))


def test_a_speck_on_the_paper_is_not_the_digit(tmp_path: Path) -> None:
    fitting = Fitting("contain", digit=True)
    clean = np.round(255 * np.pad(sample_digit(3)[0], 60)).astype(np.uint8)
    dirty = clean.copy()
    dirty[10, 10] = dirty[130, 80] = 90
    for name, picture in (("clean", clean), ("dirty", dirty)):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    found = [read_input(tmp_path / f"{name}.png", (1, 28, 28), fitting).values
             for name in ("clean", "dirty")]  # fmt: skip
    assert np.array_equal(*found)


def test_wherever_a_digit_stands_its_mass_comes_to_the_middle(tmp_path: Path) -> None:
    found = []
    for k, at in enumerate([(0, 0), (40, 90), (150, 20)]):
        canvas = Image.new("L", (200, 150))
        canvas.paste(255, (*at, at[0] + 20, at[1] + 60))
        canvas.paste(255, (*at, at[0] + 50, at[1] + 15))
        canvas.save(tmp_path / f"{k}.png")
        fitting = Fitting("contain", digit=True)
        found.append(read_input(tmp_path / f"{k}.png", (1, 28, 28), fitting).values[0])
    assert all(np.array_equal(found[0], one) for one in found)
    rows, columns = (np.nonzero(found[0].any(axis=axis))[0] for axis in (1, 0))
    assert rows[-1] - rows[0] + 1 == 20
    mass = found[0].sum()
    assert found[0].sum(axis=1) @ np.arange(28) / mass == pytest.approx(14, abs=0.51)
    assert found[0].sum(axis=0) @ np.arange(28) / mass == pytest.approx(14, abs=0.51)
    assert columns[0] > 28 - columns[-1]  # not the box: most of the ink is on the left


def shown(path: Path, preset: str = "conv-example", **asked: Any) -> Input:
    """The picture as it is shown to a preset's network."""
    return chosen_input(Sources(preset, input=path, **asked), PRESETS[preset].network())


@pytest.mark.slow
@pytest.mark.parametrize("digit", STROKES)
def test_the_photo_of_a_digit_is_read_right(digit: int, tmp_path: Path) -> None:
    path = photo_of(digit, tmp_path / "photo.jpg")
    for name in ("conv-example", "lenet5"):
        found = shown(path, name, invert=True)
        shares = at_inference(PRESETS[name].network()).forward(found.values)
        assert shares.argmax() == digit and shares.max() > 0.8
        assert found.remark.endswith(
            "inverted, the digit fitted into 20×20 with its centre of mass in the middle"
        )


def test_a_picture_that_may_be_a_negative_is_told(tmp_path: Path) -> None:
    photo = photo_of(7, tmp_path / "photo.jpg")
    warning = "photo.jpg: light at its borders, where the network's samples are dark; "
    assert shown(photo).warning == warning + "--invert turns light into dark"
    assert shown(photo, "edges", fit="stretch").warning == shown(photo).warning
    assert shown(photo, invert=True).warning == ""
    # A light digit on dark needs nothing, and is a negative once inverted.
    with Image.open(photo) as picture:
        Image.fromarray(255 - np.asarray(picture)).save(tmp_path / "light.png")
    assert shown(tmp_path / "light.png").warning == ""
    assert shown(tmp_path / "light.png", invert=True).warning.endswith("leave out --invert")
    # The samples of rgb are light at their borders.
    assert shown(photo, "rgb").warning == ""


@pytest.mark.slow
def test_the_command_warns_of_what_may_be_a_negative_and_inverts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    photo_of(7, tmp_path / "photo.jpg")
    told = run("generate", "a.xlsx", "--input", "photo.jpg")
    warning = shown(tmp_path / "photo.jpg").warning
    assert (told.exit_code, told.stderr) == (0, f"warning: {warning}\n")
    told = run("generate", "b.xlsx", "--input", "photo.jpg", "--invert", "--fit", "contain")
    assert told.stderr == ""
    assert "predicted class: 7 (" in told.stdout
    made = xlconv.generate("c.xlsx", input="photo.jpg", invert=True, fit="contain")
    assert made.path.read_bytes() == Path("b.xlsx").read_bytes()
    assert "--invert" in xlconv.generate("d.xlsx", input="photo.jpg", seed=1).warning.split("\n")[1]


def test_digits_are_contained_by_default_and_other_pictures_stretched(tmp_path: Path) -> None:
    path = of_thirds(tmp_path / "a.png")

    def tensor(preset: str, **asked: Any) -> list[Any]:
        return shown(path, preset, **asked).values.tolist()

    for preset in ("conv-example", "edges"):
        assert tensor(preset) == tensor(preset, fit="contain") != tensor(preset, fit="cover")
    for preset in ("rgb", "image-kernels", "multi-label"):
        assert tensor(preset) == tensor(preset, fit="stretch") != tensor(preset, fit="contain")


@pytest.mark.parametrize("asked", [{"fit": "cover"}, {"invert": True}], ids=str)
def test_only_pictures_are_fitted_and_inverted(asked: dict[str, Any], tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", PRESETS["conv-example"].sample())
    option = f"--{next(iter(asked))}: expected a picture"
    for source in ({}, {"digit": 3}, {"input": tmp_path / "a.npy"}):
        with pytest.raises(InputError, match=option):
            chosen_input(Sources(**source, **asked), PRESETS["conv-example"].network())
    with pytest.raises(InputError, match="expected a picture's file"):
        xlconv.generate(tmp_path / "a.xlsx", input=[[0.0] * 28] * 28, **asked)
    with pytest.raises(XlconvError, match="fit 'no': expected one of contain, cover, stretch"):
        xlconv.generate(tmp_path / "a.xlsx", fit="no")  # type: ignore[arg-type]
    assert not list(tmp_path.glob("*.xlsx"))
