"""Declared layers that the cells do not compute: not there, another one, or values for it.

What trials found, said in one finding for each cause. A layer most of whose cells are wrong
is another layer; where few are, each of them is. Names no layer, and tries nothing again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import reduce

from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Range, a1_name
from xlconv.spreadsheet.formula.equivalence import RETYPED
from xlconv.spreadsheet.workbook import Kind
from xlconv.verification.causes.counterexample import Rivals, counterexample
from xlconv.verification.causes.formula_difference import Texts, difference
from xlconv.verification.causes.function_slips import slip_of
from xlconv.verification.causes.shared_cells import shared_cells
from xlconv.verification.causes.window_steps import other_steps
from xlconv.verification.check import CheckResult
from xlconv.verification.checks.wrong_cells import (
    WrongCells,
    expected_at,
    expected_text,
    wrong_cells,
)
from xlconv.verification.collector import Collector
from xlconv.verification.facts import Facts
from xlconv.verification.findings import Finding
from xlconv.verification.intended.intention import Intention, Unplaced
from xlconv.verification.trials.trial import drawn_for
from xlconv.verification.trials.tried import BORDER, OUTPUT, TriedPlane, TriedStage

_MOST_NAMED = 3
_PASTED = ("S202", "T302")  # a number or a text where a formula belongs


def wrong_layers(facts: Facts, earlier: CheckResult) -> CheckResult:
    """Find the declared layers that are not computed where they should be."""
    found = Collector(facts, earlier)
    for intention in facts.intentions:
        for one in intention.unplaced:
            found.add(_missing(facts, intention, one))
    for number, stage in enumerate(facts.trials.stages):
        if not stage.is_right:
            _add_stage(found, facts, number)
        for plane in stage.outputs:
            _add_past_the_edge(found, facts, stage, plane)
    return found.result()


def _add_past_the_edge(
    found: Collector, facts: Facts, tried: TriedStage, plane: TriedPlane
) -> None:
    """Add the cells that go on with the formula of a plane where no declared one is."""
    home = tried.intention.sheet
    numbers, declared = facts.calculation.block_numbers[home], facts.connection.declared[home]
    for k in sorted(set(numbers[plane.cells[plane.cells >= 0]].tolist()) - {-1}):
        block = facts.calculation.blocks[k]
        cells = block.cells[block.mask]
        beyond = cells[~declared[cells]]
        if not len(beyond) or 2 * len(beyond) >= len(cells):
            continue
        sheet = facts.workbook.sheets[home]
        rows, columns = sheet.rows[beyond], sheet.columns[beyond]
        places = list(zip(rows.tolist(), columns.tolist(), strict=True))
        if all(found.has_reported(home, cell) for cell in places):
            continue
        area = Range(int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max()))
        name, edge = tried.intention.names_of(tried.stage), plane.plane.range.name
        message = (
            f"the formula of {name} goes on past the edge of its plane {edge} in {area.name} "
            f"({counted(len(beyond), 'cell')}); expected none there"
        )
        shown = f"={sheet.texts[int(beyond[0])]}"
        found.add(Finding("D705", sheet.name, a1_name(places[0]), message, shown, "no formula",
                          area.name, count=len(beyond)))  # fmt: skip
        found.mark_wrong(home, beyond)
        for cell in places:
            found.report(home, cell)


def _missing(facts: Facts, intention: Intention, one: Unplaced) -> Finding:
    home = facts.workbook.sheets[intention.sheet].name
    layers = intention.network.layers[one.first : one.last + 1]
    names = intention.network.names[one.first : one.last + 1]
    titles = " and ".join(layer.title for layer in layers)
    if len(names) > _MOST_NAMED:
        said = f"the network of {names[0]}, ..., {names[-1]} ({len(names)} layers) is declared"
    else:
        said = f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} declared {titles}"
    message = f"{said}, and missing: {one.reason}"
    return Finding("D701", home, one.cell or "A1", message, expected=titles)


def _add_stage(found: Collector, facts: Facts, number: int) -> None:
    tried = facts.trials.stages[number]
    groups = list(wrong_cells(facts, tried))
    own = [one for one in groups if one.plane.role == OUTPUT]
    beside = [one for one in groups if one.plane.role not in (OUTPUT, BORDER)]
    if beside and all(_is_as_lowered(facts, one) for one in own):
        groups, own = beside, []  # wrong only because of its helpers
    is_other = 2 * tried.wrong >= tried.size > 1
    if is_other and own:
        found.add(_other_layer(facts, number, own))
    for one in groups:
        if not (is_other and one.plane.role == OUTPUT):
            fresh = [cell for cell in one.cells if not found.has_reported(one.sheet, cell)]
            if fresh:
                found.add(_wrong(facts, one))
        found.mark_wrong(one.sheet, one.plane.cells[list(one.entries)])
        for cell in one.cells:
            found.report(one.sheet, cell)


def _is_as_lowered(facts: Facts, one: WrongCells) -> bool:
    """Whether cells hold the formula that they should, as the first of them does."""
    text, _ = expected_text(facts, one)
    found = facts.workbook.sheets[one.sheet].texts[one.index] if one.index >= 0 else ""
    return one.code == "S201" and bool(text) and RETYPED.holds(found, text)


# -- a layer as a whole ----------------------------------------------------------------------


def _other_layer(facts: Facts, number: int, groups: Sequence[WrongCells]) -> Finding:
    tried = facts.trials.stages[number]
    intention, stage = tried.intention, tried.stage
    title, names = intention.title_of(stage), intention.names_of(stage)
    verb = "are" if stage.last > stage.first else "is"
    count = sum(len(one.entries) for one in groups)
    area = reduce(Range.union, (one.area for one in groups))
    code, found = _what_is_there(facts, number, groups)
    # What is said of formulas is said at the first wrong formula.
    spoken = [one for one in groups if one.code == "S201"] if code == "D702" else []
    first = (spoken or groups)[0]
    pasted = sum(len(one.entries) for one in groups if one.code in _PASTED)
    many = counted(count, "cell") + (f", {pasted:,} of them pasted" if spoken and pasted else "")
    cell = a1_name(first.cells[0])
    expected, braced = _expected(facts, first)
    holds = "" if code != "D702" else f": {cell} holds {first.stands}; expected {braced}"
    if holds and _is_as_lowered(facts, first):
        why = shared_cells(intention, stage)
        found = why or found
        elsewhere = "" if why else "; what it reads is elsewhere"
        holds = f": {cell} holds the right formula, {first.stands}{elsewhere}"
    message = f"{names} {verb} declared {title}; {found} ({many}){holds}"
    home = facts.workbook.sheets[first.sheet].name
    return Finding(code, home, cell, message, first.stands if expected else found,
                   braced or title, area.name, count=count)  # fmt: skip


def _what_is_there(facts: Facts, number: int, groups: Sequence[WrongCells]) -> tuple[str, str]:
    """Return the code, and what the cells of a layer do instead of it."""
    sizes: Counter[str] = Counter()
    for one in groups:
        sizes[one.code] += len(one.entries)
    if 2 * sizes["S203"] > sizes.total():
        elsewhere = _elsewhere(facts, facts.trials.stages[number])
        if elsewhere:
            return "D703", f"it is computed in {elsewhere}"
        return "D701", "there are no formulas"
    if not sizes["S201"] or 2 * sum(sizes[one] for one in _PASTED) > sizes.total():
        return "D704", "values were pasted over its formulas: they follow no input"
    return "D702", "; ".join(_in_words(facts, number, groups))


def _elsewhere(facts: Facts, tried: TriedStage) -> str:
    """Return the cells in which formulas spell a layer that is not at its place, or ""."""
    titles = tried.intention.title_of(tried.stage)
    shape = tried.intention.network.shapes[tried.stage.tensor]
    declared = {plane for place in tried.intention.layout.places for plane in place.planes}
    for one in facts.lifted.tensors:
        own = " and ".join(layer.title for layer in one.layers)
        if one.layers and own == titles and one.shape == shape and not declared & set(one.planes):
            return ", ".join(plane.range.name for plane in one.planes)
    return ""


def _in_words(facts: Facts, number: int, groups: Sequence[WrongCells]) -> list[str]:
    """Return what the cells compute, as far as that is certain, or what shows it to be wrong."""
    tried = facts.trials.stages[number]
    words = []
    slip = slip_of(tried, drawn_for(facts.intentions, 0, 0)[number])
    if slip:
        words.append(slip)
    other = _lifted_title(facts, tried)
    if other and other != tried.intention.title_of(tried.stage):
        words.append(f"the cells compute {other}")
    first = next(one for one in groups if one.code == "S201")
    differs = _difference(facts, first)
    if differs and not slip:
        words.append(differs)
    if not words:
        example = _example(facts, first)
        words.append(f"the cells compute something else: {example}" if example
                     else "the cells compute something else")  # fmt: skip
    return words


def _lifted_title(facts: Facts, tried: TriedStage) -> str:
    """Return what the formulas in the cells of a stage spell, "" where that is not known."""
    planes = {one.plane for one in tried.outputs}
    for one in facts.lifted.tensors:
        if one.sheet == tried.intention.sheet and one.layers and planes & set(one.planes):
            return " and ".join(layer.title for layer in one.layers)
    return ""


# -- some cells ------------------------------------------------------------------------------


def _wrong(facts: Facts, one: WrongCells) -> Finding:
    """Return the finding about cells of a layer, the others of which are right."""
    sheet, count = facts.workbook.sheets[one.sheet], len(one.entries)
    _, expected = _expected(facts, one)
    where = f" in {one.area.name} ({counted(count, 'cell')})" if count > 1 else ""
    name = one.tried.intention.names_of(one.tried.stage)
    if one.plane.role not in (OUTPUT, BORDER):
        name = f"{one.plane.role} of {name}"
    why = _difference(facts, one) if one.code == "S201" else ""
    if _is_as_lowered(facts, one):
        why = shared_cells(one.tried.intention, one.tried.stage) or why
    if one.code in _PASTED and count > 1:
        why = "values were pasted over its formulas"
    if not why and one.code == "S201":
        why = _example(facts, one)
    message = f"{one.stands}{where}; expected {expected}" + f" ({name}{': ' if why else ''}{why})"
    shown = one.stands if one.index >= 0 else ""
    area = one.area.name if count > 1 else one.plane.plane.range.name
    cell = a1_name(one.cells[0])
    return Finding(one.code, sheet.name, cell, message, shown, expected, area, count=count)


def _expected(facts: Facts, one: WrongCells) -> tuple[str, str]:
    """Return the formula that should stand there, and how it is shown."""
    text, is_array = expected_text(facts, one)
    if one.plane.role == BORDER:
        return "", "the entry that the border repeats"
    return text, f"{{={text}}}" if is_array else f"={text}"


def _difference(facts: Facts, one: WrongCells) -> str:
    text, _ = _expected(facts, one)
    found = facts.workbook.sheets[one.sheet].texts[one.index]
    if not text:
        return ""
    return _other_steps(facts, one) or difference(Texts(found, text), one.tried.intention)


def _other_steps(facts: Facts, one: WrongCells) -> str:
    """Return that the windows of the block that some cells are of move by other steps, or ""."""
    sheet = facts.workbook.sheets[one.sheet]
    number = int(facts.calculation.block_numbers[one.sheet][one.index])
    block = facts.calculation.blocks[number] if number >= 0 else None
    if block is None or block.spills or not block.mask[:2, :2].all():
        return ""

    def at(i: int, j: int) -> Texts:
        cell = block.lattice.cell(i, j)
        return Texts(sheet.texts[block.cells[i, j]], expected_at(facts, one, cell)[0])

    return other_steps(at, block.lattice.shape)


def _example(facts: Facts, one: WrongCells) -> str:
    text, is_array = expected_text(facts, one)
    if not text or one.index < 0:
        return ""
    sheet = facts.workbook.sheets[one.sheet]
    rivals = Rivals(
        one.sheet, one.cells[0], one.index, sheet.texts[one.index], text,
        bool(sheet.kinds[one.index] == Kind.ARRAY_FORMULA), is_array,
    )  # fmt: skip
    return counterexample(facts.calculation, rivals, one.tried.intention.name_of(one.tried.stage))
