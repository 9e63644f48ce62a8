"""How pictures become inputs: fitted, inverted, and brought to where MNIST has its digits."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.helpers.command import good, run
from xlconv.interop.inputs import read_input
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


@pytest.mark.parametrize("digit", STROKES)
def test_the_photo_of_a_digit_is_read_right(
    digit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    photo_of(digit, tmp_path / "photo.jpg")
    output = good("generate", "a.xlsx", "--input", "photo.jpg", "--invert")
    assert f"predicted class: {digit} (" in output
    assert (
        "inverted, the digit fitted into 20×20 with its centre of mass in the middle"
        in " ".join(output.split())
    )
    stated = f"predicted class: {digit} ("
    assert stated in good("generate", "b.xlsx", "--preset", "lenet5", "--input", "photo.jpg",
                          "--invert")  # fmt: skip


def test_a_picture_that_may_be_a_negative_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    photo_of(7, tmp_path / "photo.jpg")
    told = run("generate", "a.xlsx", "--input", "photo.jpg")
    assert told.exit_code == 0
    assert told.stderr == (
        "photo.jpg: light at its borders, where the network's samples are dark; "
        "--invert turns light into dark\n"
    )
    assert run("generate", "b.xlsx", "--input", "photo.jpg", "--invert").stderr == ""
    # A light digit on dark needs nothing, and is a negative once inverted.
    with Image.open("photo.jpg") as photo:
        Image.fromarray(255 - np.asarray(photo)).save("light.png")
    assert run("generate", "c.xlsx", "--input", "light.png").stderr == ""
    again = run("generate", "d.xlsx", "--input", "light.png", "--invert").stderr
    assert again.endswith("leave out --invert\n")
    # The samples of rgb are light at their borders.
    assert run("generate", "e.xlsx", "--preset", "rgb", "--input", "photo.jpg").stderr == ""


def test_digits_are_contained_by_default_and_other_pictures_stretched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    of_thirds(tmp_path / "a.png")

    def bytes_of(name: str, *options: str) -> bytes:
        good("generate", f"{name}.xlsx", "--input", "a.png", "--force", *options)
        return Path(f"{name}.xlsx").read_bytes()

    assert bytes_of("a") == bytes_of("b", "--fit", "contain") != bytes_of("c", "--fit", "cover")
    for preset in ("rgb", "image-kernels", "multi-label"):
        plain = bytes_of("d", "--preset", preset)
        assert plain == bytes_of("e", "--preset", preset, "--fit", "stretch")
        assert plain != bytes_of("f", "--preset", preset, "--fit", "contain")


@pytest.mark.parametrize("option", [["--fit", "cover"], ["--invert"]])
def test_only_pictures_are_fitted_and_inverted(
    option: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", PRESETS["conv-example"].sample())
    for source in ([], ["--digit", "3"], ["--input", "a.npy"]):
        refused = run("generate", *source, *option)
        assert refused.exit_code == 2
        assert refused.output.startswith(f"error: {option[0]}: expected a picture")
    assert not list(tmp_path.glob("*.xlsx"))
