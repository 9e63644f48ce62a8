"""Puts thousands of faults into all workbooks: `python -m tests.mutations 3000 --seed 1`."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from msgspec.structs import replace

from tests.mutations import KINDS, Counts, Fault, Subject, faults, killed
from tests.mutations.drawn_values import is_other_function
from tests.mutations.subjects import preset, small_subjects
from tests.mutations.tiny import tiny_subjects
from xlconv.layers.base.place import Spelling
from xlconv.presets import PRESETS
from xlconv.spreadsheet.addresses import a1_name
from xlconv.spreadsheet.xlsx.read import read_xlsx

_SAVED = Path(tempfile.gettempdir()) / "xlconv-tiny"
_PUBLISHED = ("conv-example.relu", "conv-example.linear")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", default=[])
    parser.add_argument("--only", default="", help="workbooks whose names hold this")
    parser.add_argument("--published", type=Path, default=Path(), help="a folder of files")
    parser.add_argument(
        "--large", action="store_true", help="lenet5 too, which takes a second each"
    )
    parser.add_argument(
        "--anonymous", action="store_true", help="without names and descriptions, as others' files"
    )
    parser.add_argument(
        "--tiny", action="store_true", help="planes of few cells, without names: nothing else"
    )
    parser.add_argument(
        "--saved", type=Path, nargs="?", const=_SAVED, metavar="FOLDER",
        help="the tiny ones as LibreOffice saves them, into a folder; kept there",
    )  # fmt: skip
    asked = parser.parse_args()
    for name in [name for name in KINDS if asked.kinds and name not in asked.kinds]:
        del KINDS[name]
    every = tiny_subjects(asked.saved) if asked.tiny else _subjects(asked.published, asked.large)
    found = [one for one in every if asked.only in one.name]
    if asked.anonymous:
        found = [_without_names(one) for one in found]
    _tell_clean(found)
    _put_in(found, asked.count, asked.seed, is_other_function if asked.tiny else _always)


def _subjects(published: Path, large: bool) -> list[Subject]:
    found = small_subjects()
    found += [preset(name) for name in PRESETS if large or name != "lenet5"]
    found += [
        preset("conv-example", fuse=False), preset("conv-example", spelling=Spelling(array=True)),
        preset("conv-example", statistics=True, sizes=True), preset("batchnorm", fold=True),
        preset("stride2", statistics=True, sizes=True),
    ]  # fmt: skip
    for name in _PUBLISHED:
        path = published / f"{name}.xlsx"
        if path.exists():
            found.append(Subject(name, read_xlsx(path)))
    return found


def _without_names(subject: Subject) -> Subject:
    return Subject(subject.name, replace(subject.workbook, names=(), properties=()))


def _tell_clean(subjects: list[Subject]) -> None:
    for one in subjects:
        report = one.report
        wrong = [finding for finding in report.findings if finding.severity == "error"]
        if wrong or report.coverage < 1:
            print(f"{one.name}: clean, but coverage {report.coverage:.3f}", *wrong[:2])


def _always(subject: Subject, fault: Fault) -> bool:
    return True


def _put_in(subjects: list[Subject], count: int, seed: int, counts: Counts) -> None:
    made: Counter[str] = Counter()
    passed = 0
    missed: dict[str, list[str]] = defaultdict(list)
    begun = time.time()
    for name, subject, fault in faults(subjects, count, seed, counts):
        made[name] += 1
        named, report = killed(subject, fault)
        verdict = report.verdict
        passed += verdict == "verified"
        if not named:
            content = fault.changes.get(fault.cell)
            told = [(one.code, one.cell, one.message[:70]) for one in report.findings[:3]]
            was = subject.cells.get(fault.cell)
            missed[name].append(
                f"{subject.name} {a1_name(fault.cell)} {was} -> {content}: {verdict} {told}"
            )
    seconds = time.time() - begun
    lost = sum(map(len, missed.values()))
    kinds = f"{len(made)} kinds, {sum(made.values())} faults"
    print(f"{kinds}, {lost} missed, {passed} passed, {seconds:.0f} s")
    for name, number in sorted(made.items()):
        print(f"{number:6} {len(missed[name]):4} missed  {name}")
    for name, lines in missed.items():
        for line in lines:
            print(name, line)


if __name__ == "__main__":
    main()
