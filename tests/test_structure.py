"""The direction of imports, read from the source."""

import ast
from pathlib import Path

import pytest

from xlconv.layers import LAYERS

PACKAGE = Path(__file__).parents[1] / "xlconv"

# Lowest first: a module may import from its own line only where it is a package, and
# from the lines above it.
ORDER = [
    ["errors", "refs", "wording"],
    ["files", "findings"],
    ["formula"],
    ["sheet"],
    ["plane"],
    ["xlsx"],
    ["block", "law", "grid", "ordering"],
    ["mirror", "borrowing"],
    ["grouping"],
    ["layers", "units"],
    ["windows"],
    ["calculation"],
    ["network", "tensors", "unrolling", "statistics"],
    ["placing"],
    ["inlining"],
    ["parameters"],
    ["layout"],
    ["measures"],
    ["measuring"],
    ["lifting"],
    ["initialise", "models"],
    ["spec", "slots", "panel", "deriving"],
    ["lowering", "names", "probe", "describing"],
    ["entries", "telling"],
    ["comparing", "opened", "summary", "splitting", "named"],
    ["tracing", "slices"],
    ["steps", "fields", "readers"],
    ["inspecting", "explaining"],
    ["checks"],
    ["verifying", "relaying"],
    ["arrange", "dress", "inputs", "report"],
    ["book", "interop"],
    ["reproducing"],
    ["diffing"],
    ["presets"],
    ["sources"],
    ["cli"],
    ["__main__", "__init__"],
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
LAYER_NAMES = set(LAYERS)
BLIND = [
    "lowering",
    "layout",
    "arrange",
    "dress",
    "probe",
    "panel",
    "names",
    "named",
    "book",
    "network",
    "grouping",
    "units",
    "windows",
    "calculation",
    "lifting",
    "inlining",
    "splitting",
    "measures",
    "measuring",
    "models",
    "verifying",
    "checks",
    "borrowing",
    "deriving",
    "unrolling",
    "entries",
    "telling",
]


def home(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xlconv"):
            parts = (node.module or "").split(".")
            found.add(parts[1] if len(parts) > 1 else "__init__")
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("xlconv.")}
    return found


SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path: Path) -> None:
    own = home(path)
    assert own in RANK, f"{own} has no place in the order of the house"
    for other in imported(path) - {own}:
        assert RANK[other] < RANK[own], f"{own} must not import {other}"


@pytest.mark.parametrize("name", BLIND)
def test_only_layers_know_layers(name: str) -> None:
    files = [path for path in SOURCES if home(path) == name]
    assert files
    for path in files:
        tree = ast.parse(path.read_text())
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
                  for alias in node.names}  # fmt: skip
        assert not names & LAYER_NAMES, path


def test_the_public_names_are_there() -> None:
    import xlconv

    for name in xlconv.__all__:
        assert name.isupper() or getattr(xlconv, name).__name__ == name
    assert {"Network", "Layout", "lower", "write_xlsx", "PRESETS"} <= set(dir(xlconv))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = xlconv.nothing
