"""What commands print: in any encoding, with colours and without, and into what takes nothing."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from tests.helpers.paths import ROOT, WORKBOOKS
from xlconv.cli import main, streams

BOOK = str(WORKBOOKS / "conv-example.xlsx")
EDGES = str(WORKBOOKS / "edges.xlsx")
UNIT = "conv2[1, 5, 7]"
COMMANDS = [
    ["verify", BOOK], ["inspect", BOOK], ["explain", BOOK, UNIT], ["trace", BOOK, UNIT, "--all"],
    ["diff", BOOK, EDGES], ["reproduce", EDGES, "--check"], ["generate", "new.xlsx"], ["presets"],
    ["rule", "S201"], ["extract", BOOK, "-o", "new.npz"], ["--help"], ["verify", "--help"],
]  # fmt: skip
DATA = [
    ["verify", BOOK, "--format", "json"], ["inspect", BOOK, "--format", "json"],
    ["explain", BOOK, UNIT, "--format", "json"], ["trace", BOOK, UNIT, "--format", "json"],
    ["diff", BOOK, EDGES, "--format", "json"], ["verify", BOOK, "--format", "sarif"],
    ["verify", BOOK, "--format", "junit"], ["trace", BOOK, UNIT, "--format", "svg"],
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


def ran(words: list[str], charset: str = "utf-8", **env: str) -> Result:
    result = CliRunner(charset=charset).invoke(main, words, env=env)
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def first(words: list[str]) -> str:
    return " ".join(word for word in words if "/" not in word)


@pytest.mark.many
@pytest.mark.parametrize("charset", ["cp1252", "ascii"])
@pytest.mark.parametrize("words", COMMANDS, ids=first)
def test_letters_that_an_encoding_lacks_become_plain_ones(words: list[str], charset: str) -> None:
    usual, plain = (
        ran([*words]),
        ran([*words, *["--force"] * (words[0] in ("generate", "extract"))], charset),
    )
    said = plain.stdout_bytes.decode(charset)
    assert plain.exit_code == usual.exit_code
    assert said.count("?") == usual.stdout.count("?")
    assert "\\x" not in said and "\\u" not in said
    if charset == "cp1252":
        assert said.count("×") == usual.stdout.count("×")  # what it has is left alone


def test_tables_keep_their_columns_in_plain_letters() -> None:
    said = ran(["verify", BOOK], "ascii").stdout_bytes.decode("ascii")
    usual = ran(["verify", BOOK]).stdout
    assert [len(one) for one in said.splitlines()] == [len(one) for one in usual.splitlines()]
    assert " conv1     Conv2d 3x3      2x26x26" in said and "---" in said


def test_every_letter_that_is_printed_has_a_plain_one() -> None:
    sources = [path for name in ("report", "cli", "analysis", "network", "layers", "verification")
               for path in (ROOT / "xlconv" / name).rglob("*.py")]  # fmt: skip
    found = set(re.findall("[^\x00-\x7f]", "".join(path.read_text() for path in sources)))
    spelled = {
        one: one.encode("ascii", "xlconv.text") for one in found - {"\N{REPLACEMENT CHARACTER}"}
    }
    assert not [one for one, plain in spelled.items() if plain.startswith(b"\\")]


def test_names_that_cannot_be_spelled_stay_apart(tmp_path: Path) -> None:
    for name in ("網.xlsx", "線.xlsx", "\udcff.xlsx"):
        said = ran(["verify", name], "ascii")
        assert said.exit_code == 2
        assert name.encode("ascii", "backslashreplace").decode() in said.output
    assert "\\udcff" in ran(["verify", "\udcff.xlsx"]).output


@pytest.mark.many
@pytest.mark.parametrize("words", DATA, ids=first)
def test_data_is_the_same_in_any_encoding(words: list[str]) -> None:
    usual = ran(words).stdout_bytes.decode()
    read = ET.canonicalize if "<" in usual[:1] else json.loads
    for charset in ("cp1252", "ascii"):
        said = ran(words, charset).stdout_bytes
        assert read(said.decode("utf-8")) == read(said.decode(charset)) == read(usual)


def test_data_beyond_the_first_plane_is_escaped_as_json_has_it() -> None:
    text = json.dumps({"名": "𝄞×"}, ensure_ascii=False)
    assert json.loads(text.encode("ascii", "xlconv.json")) == {"名": "𝄞×"}


COLORED = [["verify", BOOK], ["inspect", BOOK, "--heatmap"], ["explain", BOOK, UNIT],
           ["trace", BOOK, UNIT]]  # fmt: skip


def is_colored(words: list[str], **env: str) -> bool:
    return "\x1b[" in ran(words, **env).stdout


@pytest.mark.many
@pytest.mark.parametrize("words", COLORED, ids=first)
def test_colours_are_asked_for_alike(words: list[str]) -> None:
    assert not is_colored(words)
    assert is_colored(words, FORCE_COLOR="1")
    assert not is_colored(words, FORCE_COLOR="1", NO_COLOR="1")
    assert not is_colored([*words, "--color", "never"], FORCE_COLOR="1")
    assert is_colored([*words, "--color", "always"], NO_COLOR="1", TERM="dumb")
    assert is_colored(["--color", "always", *words])
    assert is_colored([*words, "--color", "auto"], FORCE_COLOR="1")


@pytest.mark.parametrize("words", COLORED[:1], ids=first)
def test_terminals_are_coloured_unless_they_are_dumb(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams.Stream, "isatty", lambda self: True)
    assert is_colored(words, TERM="xterm-256color")
    assert not is_colored(words, TERM="dumb")
    assert not is_colored(words, TERM="xterm-256color", NO_COLOR="1")


@pytest.mark.many
@pytest.mark.parametrize("words", [["presets"], *COMMANDS], ids=first)
def test_terminals_are_told_the_same(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    words = [*words, *["--force"] * (words[0] in ("generate", "extract"))]
    usual = ran(words)
    monkeypatch.setattr(streams.Stream, "isatty", lambda self: True)
    said = ran(words, TERM="xterm-256color")
    assert said.exit_code == usual.exit_code
    plain = re.sub("\x1b\\[[0-9;]*m", "", said.stdout)
    assert "".join(plain.split()) == "".join(usual.stdout.split())  # long lines may fold


def test_without_colours_nothing_is_left_unsaid() -> None:
    said = ran(["verify", BOOK, "--color", "always"]).stdout
    assert re.sub("\x1b\\[[0-9;]*m", "", said) == ran(["verify", BOOK]).stdout


# -- what cannot be written ----------------------------------------------------------------

PROGRAM = [sys.executable, "-m", "xlconv"]
FULL = Path("/dev/full")
PROCESSES = [
    *COMMANDS[:6], DATA[0], COMMANDS[6], ["presets"], ["rule"], ["extract", BOOK, "-o", "new.npz"],
    ["-h"], ["-V"],
]  # fmt: skip


def run_into(shell: str, words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command within a line of a shell, whose own exit code is the command's."""
    line = ["bash", "-c", f"set -o pipefail; {shell}", "-", *PROGRAM, *words]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="no disk that is always full")
@pytest.mark.parametrize("words", PROCESSES, ids=first)
def test_a_full_disk_is_told_in_a_line(words: list[str], tmp_path: Path) -> None:
    words = [str(tmp_path / word) if word.startswith("new.") else word for word in words]
    done = run_into('"$@" > /dev/full', words)
    assert (done.returncode, done.stderr) == (
        2, "error: standard output: No space left on device\n"
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("words", PROCESSES, ids=first)
def test_a_closed_pipe_ends_the_command_without_a_word(words: list[str], tmp_path: Path) -> None:
    words = [str(tmp_path / word) if word.startswith("new.") else word for word in words]
    done = run_into('{ "$@"; } | exec true', words)
    assert (done.returncode, done.stderr, done.stdout) == (2, "", "")


class Full:
    """A file that takes nothing."""

    encoding = "utf-8"
    closed = False

    def __init__(self, number: int) -> None:
        self.number = number

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return False


@pytest.mark.many
@pytest.mark.parametrize("words", [*COMMANDS, *DATA], ids=first)
@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.ENOSPC, "error: standard output: No space left on device\n"),
        (errno.EPIPE, ""),
        (errno.EIO, "error: standard output: Input/output error\n"),
    ],
)
def test_output_that_cannot_be_written_ends_with_2(
    words: list[str],
    number: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdout", Full(number))
    with pytest.raises(SystemExit) as ended:
        main([*words, *["--force"] * (words[0] in ("generate", "extract"))])
    assert (ended.value.code, capsys.readouterr().err) == (2, told)


def test_standard_error_that_takes_nothing_changes_no_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stderr", Full(errno.ENOSPC))
    with pytest.raises(SystemExit) as ended:
        main(["verfy"])
    assert ended.value.code == 2
    with pytest.raises(SystemExit) as ended:
        main(["rule", "S201"])
    assert ended.value.code == 0
