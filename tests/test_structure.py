"""The house: which package may import which, who names layers, and how much a folder holds."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from xlconv.layers import LAYERS

PACKAGE = Path(__file__).parents[1] / "xlconv"
SOURCES = sorted(PACKAGE.rglob("*.py"))
FOLDERS = sorted({path.parent for path in SOURCES} - {PACKAGE})

# What each package may import besides itself, what those may, and the modules at the root.
BELOW = {
    "spreadsheet": [],
    "layers": ["spreadsheet"],
    "network": ["layers"],
    "interop": ["network"],
    "layout": ["network"],
    "lowering": ["layout"],
    "lifting": ["layout"],
    "presets": ["lowering", "interop"],
    "verification": ["lowering", "lifting"],
    "analysis": ["verification", "interop"],
    "runs": ["analysis"],
    "generation": ["presets"],
    "report": ["runs", "generation"],
    "page": ["runs", "presets"],
    "classroom": ["report", "generation"],
    "cli": ["report", "page", "generation", "classroom"],
}
ROOT = ["errors", "arrays", "plurals", "files"]  # lowest first; the doors are above all
DOORS = ["__init__", "__main__"]
# The same between the folders and modules of a package that is as large as a house.
INSIDE_SPREADSHEET = {
    "addresses": [],
    "formula": ["addresses"],
    "values": ["formula"],
    "workbook": ["formula"],
    "xlsx": ["workbook"],
    "blocks": ["workbook"],
    "calculation": ["blocks", "values"],
    "precedents": ["calculation"],
    "editing": ["calculation"],
    "lines": ["workbook", "values"],
}
KNOW_LAYERS = {"layers", "presets", "interop", "generation", "cli"}
MOST_FILES = 16


def home(path: Path, below: Path = PACKAGE) -> str:
    return path.relative_to(below).parts[0].removesuffix(".py")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imported(path: Path, prefix: str = "xlconv") -> set[str]:
    """Return what a module imports of a package, by the first name below it."""
    found = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{one.name}" for one in node.names]
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        else:
            continue
        found |= {name for name in names if name.startswith(f"{prefix}.")}
    return {name.removeprefix(f"{prefix}.").partition(".")[0] for name in found}


def reachable(table: dict[str, list[str]], name: str) -> set[str]:
    return {name}.union(*(reachable(table, one) for one in table[name]))


def relative(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def below(name: str) -> list[Path]:
    """Return the modules of a package, of a folder or the one module of that name."""
    return [path for path in SOURCES if home(path) == name]


def test_every_module_has_its_place() -> None:
    assert {home(path) for path in SOURCES} == {*BELOW, *ROOT, *DOORS}


@pytest.mark.parametrize("name", [*BELOW, *ROOT])
def test_imports_point_one_way(name: str) -> None:
    allowed = set(ROOT[: ROOT.index(name)]) if name in ROOT else reachable(BELOW, name) | set(ROOT)
    assert not {relative(path): odd for path in below(name) if (odd := imported(path) - allowed)}


def test_imports_within_spreadsheet_point_one_way() -> None:
    for path in sorted((PACKAGE / "spreadsheet").rglob("*.py")):
        own = home(path, PACKAGE / "spreadsheet")
        if own != "__init__":
            allowed = reachable(INSIDE_SPREADSHEET, own)
            assert imported(path, "xlconv.spreadsheet") <= allowed, relative(path)


def test_writing_and_reading_share_nouns_only() -> None:
    for path in SOURCES:
        if home(path) in ("lowering", "lifting"):
            assert not imported(path) & ({"lowering", "lifting"} - {home(path)}), path


@cache
def layer_names() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(LAYERS)})\b")


@pytest.mark.parametrize("name", sorted({*BELOW, *ROOT} - KNOW_LAYERS))
def test_only_some_packages_name_layers(name: str) -> None:
    assert not {relative(path): odd for path in below(name) if (odd := layers_named(parsed(path)))}


def layers_named(tree: ast.Module) -> list[tuple[int, str]]:
    """Return where code names a layer: prose may tell of an example, code may not branch on one."""
    nodes = list(ast.walk(tree))
    documented = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = []
    for node in nodes:
        if isinstance(node, ast.Name):
            names = {node.id} & LAYERS.keys()
        elif isinstance(node, ast.ImportFrom):
            names = {one.name for one in node.names} & LAYERS.keys()
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = set() if id(node) in documented else set(layer_names().findall(node.value))
        else:
            continue
        found += [(node.lineno, name) for name in names]
    return found


def test_the_root_has_few_modules() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= len(ROOT) + len(DOORS) == 6
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} == set(BELOW)


@pytest.mark.parametrize("folder", FOLDERS, ids=relative)
def test_every_package_says_what_lives_there(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MOST_FILES + len(LAYERS) * (folder.name == "layers")
    assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text()))


def test_no_package_bears_the_name_of_a_public_function() -> None:
    import xlconv

    assert not {folder.name for folder in FOLDERS if folder.parent == PACKAGE} & set(dir(xlconv))


def test_the_public_names_are_there() -> None:
    import xlconv

    for name in xlconv.__all__:
        assert name.isupper() or getattr(xlconv, name).__name__ == name
    assert {"Network", "Layout", "lower", "write_xlsx", "PRESETS", *LAYERS} <= set(dir(xlconv))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = xlconv.nothing
