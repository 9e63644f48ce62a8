"""Tables hold every number with its index."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.small_network import small
from xlconv.errors import FileError
from xlconv.interop import save_network


def test_tables_hold_every_number_with_its_index(tmp_path: Path) -> None:
    network, folder = small(), tmp_path / "tables"
    save_network(network, folder, "csv")
    state = network.state()
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{key}.csv" for key in state)
    for key, value in state.items():
        with (folder / f"{key}.csv").open(newline="") as file:
            header, *rows = csv.reader(file)
        found, seen = np.full(value.shape, np.nan), 0
        indices = len([one for one in header if one in ("output", "channel", "row")])
        for row in rows:
            place = tuple(int(one) for one in row[:indices])
            values = [float(one) for one in row[indices:]]
            found[place] = values if value.ndim > 1 else values[0]
            seen += len(values)
        assert np.array_equal(found, value), key
        assert seen == value.size
    assert header[0] == "output"


def test_tables_replace_only_themselves(tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    save_network(small(), folder, "csv")
    (folder / "mine.txt").write_text("mine")
    (folder / "edges.bias.csv").write_text("old")
    with pytest.raises(FileError, match="exists"):
        save_network(small(), folder, "csv")
    assert (folder / "edges.bias.csv").read_text() == "old"
    save_network(small(), folder, "csv", replace=True)
    assert (folder / "mine.txt").read_text() == "mine"
    assert (folder / "edges.bias.csv").read_text().startswith("output,value\n0,")
    assert len(list(tmp_path.iterdir())) == 1
