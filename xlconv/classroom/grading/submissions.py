"""A folder, or a zip, as learning platforms export it -> who handed in which workbook.

Moodle's and Canvas's names are known; otherwise it is one folder a student, or one file. Looks
at names only: what is in a file is for others to find out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from xlconv.classroom.grading.unpacking import Unpacked, printable, unpack
from xlconv.errors import FileError
from xlconv.runs.workbook_files import is_workbook

_MOODLE_FOLDER = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_?")
_MOODLE_FILE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_file_(?P<file>.+)")
_CANVAS = re.compile(r"(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_(?P<file>.+)")
_AGAIN = re.compile(r"-(\d+)$")  # Canvas: the second file that was handed in is name-1.xlsx
_JUNK = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")


class Submission(Struct, frozen=True):
    """What one student handed in: `path` is None where there is no workbook.

    `id` is the platform's number of the student, "" where names do not tell it. `late` is
    what a platform or a list says of it; `notes` what should be known besides.
    """

    student: str
    id: str = ""
    path: Path | None = None
    shown: str = ""  # the file's name as it was handed in
    late: str = ""
    notes: tuple[str, ...] = ()


class Named(Struct, frozen=True):
    """A file with the student whose it is by its name.

    It is `tied` to that student where a platform's name or a folder tells so, not its own alone.
    """

    student: str
    id: str
    late: str
    place: PurePosixPath
    tied: bool = True


def submissions_in(source: Path, scratch: Path) -> tuple[list[Submission], list[str]]:
    """Return what was handed in, by student, and what could not be taken.

    A zip is unpacked into `scratch`; a workbook by itself is a class of one. Raises FileError
    where there is no such folder, zip or workbook, or nothing in it.
    """
    if source.is_file() and is_workbook(source.name):
        root, held = source.parent, Unpacked((PurePosixPath(source.name),))
    elif source.is_dir():
        root, held = source, _listed(source)
    elif source.is_file():
        root, held = scratch, unpack(source, scratch)
    else:
        raise FileError(
            f"{source}: no such folder; expected one with submissions, a zip, or a workbook"
        )
    found = students_of(root, held.workbooks, held.others)
    if not found:
        raise FileError(f"{source}: nothing was handed in; expected workbooks (.xlsx)")
    strays = (f"{printable(str(one))}: not a workbook" for one in _strays(held))
    return found, [*held.left_out, *strays]


def students_of(
    root: Path, workbooks: Iterable[PurePosixPath], others: Iterable[PurePosixPath] = ()
) -> list[Submission]:
    """Return a submission for each student, by name; of several workbooks the last one counts.

    A file that is no workbook, and is nobody's but by its own name, makes no student.
    """
    every = _by_student(workbooks, others).values()
    found = (_submission(root, *files) for files in every if not _is_stray(*files))
    return sorted(found, key=lambda one: (one.student.casefold(), one.id, one.shown))


def _by_student(
    workbooks: Iterable[PurePosixPath], others: Iterable[PurePosixPath]
) -> dict[tuple[str, str], tuple[list[Named], list[Named]]]:
    """Return the workbooks and the other files of every student, by name and number."""
    books = [one for one in workbooks if not _is_junk(one)]
    rest = [one for one in others if not _is_junk(one)]
    wrapped = _wrapper([*books, *rest])
    every: dict[tuple[str, str], tuple[list[Named], list[Named]]] = {}
    for kind, places in enumerate((books, rest)):
        for place in places:
            one = _named(place, wrapped)
            every.setdefault((one.student, one.id), ([], []))[kind].append(one)
    return every


def _is_stray(books: Sequence[Named], rest: Sequence[Named]) -> bool:
    return not books and not any(one.tied for one in rest)


def _strays(held: Unpacked) -> Iterator[PurePosixPath]:
    """Yield the files that are no workbook, and nobody's."""
    for books, rest in _by_student(held.workbooks, held.others).values():
        if _is_stray(books, rest):
            yield from (one.place for one in rest)


def _listed(folder: Path) -> Unpacked:
    workbooks: list[PurePosixPath] = []
    others: list[PurePosixPath] = []
    left_out: list[str] = []
    home = folder.resolve()
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not one.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            place = PurePosixPath(*path.relative_to(folder).parts)
            if not path.resolve().is_relative_to(home):
                left_out.append(f"{printable(str(place))}: a link out of the folder")
            else:
                (workbooks if is_workbook(name) else others).append(place)
    return Unpacked(tuple(workbooks), tuple(others), tuple(left_out))


def _is_junk(place: PurePosixPath) -> bool:
    return any(part.casefold() in _JUNK for part in place.parts) or place.name.startswith(
        ("~$", ".", "._")
    )


def _wrapper(places: list[PurePosixPath]) -> int:
    """Return how many folders are around all of them, and are no student's."""
    depth = 0
    while places:
        first = {one.parts[depth] for one in places if len(one.parts) > depth + 2}
        around = len(first) == 1 and all(len(one.parts) > depth + 2 for one in places)
        if not around or _MOODLE_FOLDER.fullmatch(next(iter(first))):
            break
        depth += 1
    folders = {one.parts[depth] for one in places if len(one.parts) > depth + 1}
    flat = all(len(one.parts) == depth + 2 for one in places)
    # One folder with a file a student, not one student with many files.
    is_class = len(places) > 1 and len(folders) == 1 and flat
    if is_class and not _MOODLE_FOLDER.fullmatch(next(iter(folders))):
        return depth + 1
    return depth


def _named(place: PurePosixPath, wrapped: int) -> Named:
    for part in place.parts[:-1]:
        if match := _MOODLE_FOLDER.fullmatch(part):
            return Named(match["name"].strip(), match["id"], "", place)
    if match := _MOODLE_FILE.fullmatch(place.name):
        return Named(match["name"].strip(), match["id"], "", place)
    if match := _CANVAS.fullmatch(place.name):
        return Named(match["name"], match["id"], "late" if match["late"] else "", place)
    own = place.parts[wrapped:]
    in_folder = len(own) > 1
    name = printable(own[0] if in_folder else place.stem).strip() or "?"
    return Named(name, "", "", place, tied=in_folder)


def _submission(root: Path, books: list[Named], rest: list[Named]) -> Submission:
    first = (books or rest)[0]
    late = next((one.late for one in (*books, *rest) if one.late), "")
    bare = Submission(first.student, first.id, late=late)
    if not books:
        names = ", ".join(printable(one.place.name) for one in rest[:3])
        return replace(bare, shown=names, notes=(f"no workbook (.xlsx) among: {names}",))
    last = max(books, key=lambda one: _turn(root, one.place))
    notes: tuple[str, ...] = ()
    if len(books) > 1:
        shown = printable(last.place.name)
        notes = (f"{len(books)} workbooks were handed in; {shown} was graded, the last of them",)
    return replace(
        bare, path=root / last.place, shown=printable(last.place.name), notes=notes, late=last.late
    )


def _turn(root: Path, place: PurePosixPath) -> tuple[int, float, str]:
    """Return by what the last of several is known: its number, its date, or its name."""
    again = _AGAIN.search(place.stem)
    return int(again[1]) if again else 0, (root / place).stat().st_mtime, str(place)


def file_names(students: Iterable[Submission]) -> Iterator[str]:
    """Yield a name for the files about each student: safe anywhere, and each its own."""
    taken: set[str] = set()
    for one in students:
        letters = "".join(c if c.isalnum() or c in " -" else "_" for c in one.student)
        stem = re.sub(r"[\s_]+", "_", letters).strip("_-")[:60] or "student"
        stem = f"{stem}_{one.id}" if one.id else stem
        if re.fullmatch(r"(?i)con|prn|aux|nul|com\d|lpt\d", stem):
            stem += "_"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        yield name
