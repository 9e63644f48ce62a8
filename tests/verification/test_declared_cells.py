"""What a file says of itself: the names of its cells, and cells that are not as it says."""

import pytest
from msgspec.structs import replace

from tests.helpers.strategies import random_state
from tests.mutations import Fault, Subject, killed, rebuilt
from tests.mutations.subject import Content
from tests.mutations.subjects import SMALL, drawn, preset, small
from xlconv.layout.defined_names import layout_of_names
from xlconv.lifting.description import description_of
from xlconv.lifting.lifted_workbook import lift_workbook
from xlconv.network.spec import network_of
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import Cell, Range, a1_name, parse_a1
from xlconv.spreadsheet.workbook import Kind, SheetBuilder
from xlconv.verification.facts import facts_of
from xlconv.verification.findings import Severity
from xlconv.verification.intended.intention import Origin
from xlconv.verification.intended.placement import placed_by_names
from xlconv.verification.tolerance import Tolerance
from xlconv.verification.verify import Report, verify_workbook


def errors(report: Report) -> list[str]:
    return [
        f"{one.code} {one.cell}: {one.message}"
        for one in report.findings if one.severity is Severity.ERROR
    ]  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("name", [name for name in PRESETS if name not in ("lenet5", "fastai")])
def test_names_tell_the_layout_that_a_preset_was_written_with(name: str) -> None:
    network = PRESETS[name].network()
    layout = PRESETS[name].layout(network)
    book = PRESETS[name].book().workbook
    found = layout_of_names(network, book.names)
    assert found is not None
    for place, own in zip(layout.places, found.places, strict=True):
        assert (own.planes, own.tables) == (place.planes, place.tables)
        assert place.helpers.items() <= own.helpers.items()
        if place.planes:
            assert own.halo == place.halo


@pytest.mark.many
@pytest.mark.parametrize("name", SMALL)
def test_every_formula_of_our_own_file_is_what_the_file_says(name: str) -> None:
    book = small(name)
    facts = facts_of(lift_workbook(book.workbook), Tolerance())
    (intention, *_) = facts.intentions
    assert not intention.unplaced
    assert all(stage.is_right for stage in facts.trials.stages)
    for standing in facts.standing:
        assert (standing.connected == standing.verified).all()


@pytest.mark.slow
def test_a_file_whose_names_are_elsewhere_is_known_by_its_formulas() -> None:
    book = small("norm").workbook
    home = book.sheets[0].name
    moved = tuple(
        (name, ((home, Range(0, 0, 900_001, 9_001)),) if name.startswith("conv1_0") else ranges)
        for name, ranges in book.names
    )
    for names in ((), moved):
        report = verify_workbook(replace(book, names=names))
        assert (report.verdict, report.coverage) == ("verified", 1.0)
        assert report.against == Origin.DESCRIPTION.value


@pytest.mark.slow
@pytest.mark.parametrize("name", ["training", "drop-vector", "padding"])
def test_names_that_are_gone_leave_the_others_where_they_are(name: str) -> None:
    book = small(name).workbook
    description = description_of(book).first
    assert description is not None
    for k in range(len(book.names)):
        bare = replace(book, names=book.names[:k] + book.names[k + 1 :])
        placed = placed_by_names(description, bare, Origin.DESCRIPTION)
        assert placed is not None
        assert len(placed.unplaced) <= 1
        for j in range(k):
            names = list(book.names)
            (one, here), (other, there) = names[j], names[k]
            names[j], names[k] = (one, there), (other, here)
            placed_by_names(description, replace(book, names=tuple(names)), Origin.DESCRIPTION)


ALONE = {
    "conv-example": ("A31", "MATCH(MAX($FR$4:$FR$13),$FR$4:$FR$13,0)", "S201"),
    "plane-mean": ("AM8", "AVERAGE(M11:Q14)", "S201"),
    "stride2": ("LR4", "EXP(LO4-MAX($LO$4:$LO$4))", "S201"),
    "matmul": ("AJ4", "SUMXMY2(AH4:AH12,AH4:AH12)", "S201"),
    "drop-vector": ("BT10", "IF(RAND()<0.5,0,1)", "S201"),
    "column": ("BJ215", "AV12", "S201"),
    "max-pool": ("S11", "SUMPRODUCT(A2:C4,$K$5:$M$7)+$K$9", "S201"),
    "reflect-1": ("O10", "N8", "S201"),
}


@pytest.mark.many
@pytest.mark.parametrize("name", ALONE)
def test_a_cell_that_has_no_pattern_beside_it_is_still_named(name: str) -> None:
    subject = preset(name) if name in PRESETS else small(name)
    where, text, code = ALONE[name]
    cell = parse_a1(where)
    fault = Fault({cell: (Kind.FORMULA, subject.cells.get(cell, (0, 0.0))[1], text)}, cell, (code,))
    found, report = killed(subject, fault)
    assert found, errors(report)
    (one,) = errors(report)
    expected = f"={subject.text(cell)}" if subject.is_formula(cell) else "a text"
    assert one.startswith(f"{code} {where}: ={text}; expected {expected}")


@pytest.mark.parametrize("where", ["A31", "FQ4"])
def test_a_number_instead_of_a_readout_or_a_helper_is_named(where: str) -> None:
    subject, cell = preset("conv-example"), parse_a1(where)
    number = subject.cells[cell][1]
    found, report = killed(subject, Fault({cell: (Kind.NUMBER, number, "")}, cell, ("S202",)))
    assert found, errors(report)


def test_a_layer_that_was_changed_as_a_whole_is_told_once() -> None:
    subject = small("norm")
    planes = next(t for t in subject.tensors if subject.kinds(t) == {"BatchNorm2d", "ReLU"}).planes
    changes: dict[Cell, Content | None] = {}
    for plane in planes:
        for i in range(plane.shape[0]):
            for j in range(plane.shape[1]):
                cell = plane.cell(i, j)
                changes[cell] = subject.formula(cell, subject.text(cell)[6:-1])
    report = verify_workbook(rebuilt(subject, Fault(changes, (0, 0), ())))
    (one,) = errors(report)
    assert one.startswith("D702 ")
    assert "bn1 and relu1 are declared BatchNorm2d and ReLU; relu1 (ReLU) is missing" in one
    assert report.network is not None
    assert [type(one).__name__ for one in report.network.layers] == ["Conv2d", "BatchNorm2d"]


def test_what_a_wrong_formula_does_is_said_at_that_formula() -> None:
    subject = small("max-pool")
    (pool,) = [t for t in subject.tensors if subject.kind(t) == "MaxPool2d"]
    cells = [one.cell(i, j) for one in pool.planes for i in range(4) for j in range(4)]
    changes: dict[Cell, Content | None] = {cells[0]: (Kind.NUMBER, 5.0, "")}
    for cell in cells[1:]:
        changes[cell] = subject.formula(cell, subject.text(cell).replace("MAX(", "AVERAGE("))
    report = verify_workbook(rebuilt(subject, Fault(changes, (0, 0), ())))
    (one,) = [one for one in errors(report) if one.startswith("D702")]
    assert one.startswith(f"D702 {a1_name(cells[1])}: ")
    assert f"({len(cells)} cells, 1 of them pasted)" in one
    assert f"{a1_name(cells[1])} holds =AVERAGE(" in one


@pytest.mark.slow
def test_two_units_that_were_swapped_as_a_whole_are_named() -> None:
    # Formulas alone show a network whose classes stand in another order.
    subject = small("training")
    (fc,) = [t for t in subject.tensors if subject.kind(t) == "Linear"]
    one, other = fc.planes[0].cell(0, 0), fc.planes[0].cell(1, 0)
    changes: dict[Cell, Content | None] = {
        one: subject.formula(one, subject.text(other)),
        other: subject.formula(other, subject.text(one)),
    }
    (found,) = errors(verify_workbook(rebuilt(subject, Fault(changes, one, ()))))
    assert found.startswith(f"S201 {a1_name(one)}: ")
    assert f"in {a1_name(one)}:{a1_name(other)} (2 cells)" in found


SMALLEST = [
    ([1, 7, 6], [{"type": "Tanh"}, {"type": "AdaptiveAvgPool2d", "output_size": 1},
                 {"type": "Flatten"}, {"type": "Linear", "out_features": 1}]),
    ([2, 7, 4], [{"type": "MaxPool2d", "kernel_size": 3, "stride": 2, "padding": 1},
                 {"type": "Flatten"}]),
    ([3, 5, 5], [{"type": "Conv2d", "out_channels": 2, "kernel_size": 2, "stride": 3,
                  "dilation": [3, 1], "bias": False}, {"type": "Sigmoid"}, {"type": "Sigmoid"},
                 {"type": "AdaptiveAvgPool2d", "output_size": 1}, {"type": "Flatten"}]),
    ([3, 4, 7], [{"type": "Identity"}, {"type": "Conv2d", "out_channels": 3,
                  "kernel_size": [2, 3], "stride": [2, 3],
                  "padding": [1, 1, 0, 0], "dilation": 3, "groups": 3,
                  "padding_mode": "reflect", "bias": False}, {"type": "Sigmoid"},
                 {"type": "Sigmoid"}]),
    ([1, 9, 5], [{"type": "MaxPool2d", "kernel_size": 2, "stride": 1, "ceil_mode": True},
                 {"type": "AdaptiveAvgPool2d", "output_size": 1}, {"type": "Flatten"}]),
]  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("fuse", [True, False])
@pytest.mark.parametrize(("shape", "layers"), SMALLEST)
def test_planes_too_small_for_patterns_are_not_called_wrong(shape, layers, fuse: bool) -> None:
    network = network_of({"input": shape, "layers": layers})
    network = network.with_state(random_state(network, 1))
    subject = drawn("smallest", network, 2, fuse=fuse, measured=True)
    assert not errors(subject.report)


def test_a_single_cell_that_is_spelled_another_way_is_not_called_wrong() -> None:
    conv = {"type": "Conv2d", "out_channels": 1, "kernel_size": 3}
    mean = {"type": "AdaptiveAvgPool2d", "output_size": 1}
    network = network_of({"input": [1, 7, 7], "layers": [conv, mean]})
    network = network.with_state(random_state(network, 1))
    subject = drawn("mean", network, 2)
    (cell,) = [at for at in subject.cells if subject.is_formula(at) and "AVER" in subject.text(at)]
    respelled = subject.text(cell).replace("AVERAGE", "SUM") + "/25"
    odd = subject.tensors[0].planes[0].cell(2, 2)
    changes: dict[Cell, Content | None] = {
        cell: subject.formula(cell, respelled), odd: (Kind.NUMBER, 1.25, "")
    }  # fmt: skip
    report = verify_workbook(rebuilt(subject, Fault(changes, odd, ())))
    assert [one.split(":")[0] for one in errors(report)] == [f"S202 {a1_name(odd)}"]


def test_subjects_are_named_after_what_they_are() -> None:
    assert isinstance(small("norm", fuse=False), Subject)
    assert small("norm", fuse=False).name == "norm apart"


def test_a_sheet_that_was_cleared_is_told_layer_by_layer() -> None:
    book = PRESETS["conv-example"].book().workbook
    emptied = replace(book, sheets=(SheetBuilder().finish(book.sheets[0].name),))
    told = errors(verify_workbook(emptied))
    assert "D701 AH3: conv1 and relu1 are declared Conv2d 3×3 and ReLU; there are no formulas " in (
        " ".join(told)
    )
