"""Cells that follow each other in even steps are one run."""

from xlconv.layers.base.strided_runs import Run, runs


def test_a_run_ends_where_the_cells_of_a_unit_part() -> None:
    units = [((0, 0), (0, 5)), ((1, 0), (2, 5)), ((2, 0), (4, 5))]
    assert list(runs(units)) == [Run(k, 1, (0, 0)) for k in range(3)]
