"""Every result in a notebook that is executed: what Jupyter stores of it."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import marks
from tests.helpers.paths import ROOT, WORKBOOKS
from tests.report.notebook.results import Page

CELLS = (
    f"import xlconv\nbook = xlconv.open_workbook({str(WORKBOOKS / 'conv-example.xlsx')!r})\nbook",
    f"xlconv.verify({str(WORKBOOKS / 'conv-example.xlsx')!r})",
    "book.networks[0].network",
    "xlconv.inspect_workbook(book)",
    "xlconv.explain_cell(book, 'conv2[1, 5, 7]')",
    "xlconv.trace(book, 'BT38', depth=None)",
    "xlconv.extract(book)",
    "xlconv.reproduce(book)",
    "xlconv.layouts_of(book)",
    "xlconv.generate('again.xlsx', preset='conv-example')",
    f"xlconv.diff(book, {str(WORKBOOKS / 'edges.xlsx')!r})",
)


def executed(cells: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what every cell of a notebook gives, run by a kernel of this Python."""
    for library in ("nbclient", "ipykernel"):
        if find_spec(library) is None:
            marks.missing(library)
    import nbformat
    from nbclient import NotebookClient

    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
    client.execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the libraries that run a notebook
def test_a_notebook_shows_every_result_as_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = executed(CELLS, tmp_path, monkeypatch)
    assert len(given) == len(CELLS)
    for outputs in given:
        (output,) = outputs  # no warnings beside it
        assert output.output_type == "execute_result"
        lines = output.data["text/plain"].split("\n")
        assert len(lines) <= 24 and max(map(len, lines)) <= 100
        page = Page(output.data["text/html"])
        assert "conv" in page.text or page.text.startswith("the same again 2,823 of 2,823 ")
        assert len(output.data["text/html"]) < 100_000
    assert "verified" in Page(given[1][0].data["text/html"]).text
    assert any(name == "img" for name, _ in Page(given[3][0].data["text/html"]).tags)
