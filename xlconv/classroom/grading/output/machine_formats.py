"""A graded class for machines: JSON (a versioned contract, free of NaN) and JUnit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from xlconv.classroom.grading.grade import ClassResult
from xlconv.classroom.grading.graded_file import Remark, State
from xlconv.classroom.grading.likeness import Likeness
from xlconv.classroom.grading.points import StudentResult, TaskResult, shown

JSON_VERSION = 1
WORDS = {
    State.RIGHT: "right", State.WRONG: "wrong", State.BLANK: "empty",
    State.PASTED: "a value where a formula belongs", State.UNKNOWN: "not evaluated",
    State.LOST: "not found",
}  # fmt: skip


def as_json(found: ClassResult, alike: tuple[Likeness, ...] = ()) -> str:
    """Return a class as JSON."""
    table = {
        "version": JSON_VERSION,
        "title": found.exercise.title,
        "points": found.exercise.points,
        "students": [_student(one) for one in found.students],
        "alike": [_alike(one) for one in alike],
        "left_out": list(found.left_out),
    }
    return json.dumps(table, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _student(one: StudentResult) -> dict[str, Any]:
    return {
        "student": one.submission.student, "id": one.submission.id or None,
        "file": one.submission.shown or None, "late": one.submission.late or None,
        "points": one.points, "error": one.error or None,
        "tasks": [] if one.error else [_task(task) for task in one.tasks],
        "notes": list(one.notes),
    }  # fmt: skip


def _task(one: TaskResult) -> dict[str, Any]:
    marks = one.marks
    return {
        "id": one.task.id, "kind": one.task.kind, "points": one.points, "of": one.task.points,
        "right": one.right, "total": one.total,
        "states": {WORDS[state]: count for state in State if (count := marks.count(state))},
        "cause": marks.cause or None, "code": marks.code or None, "slip": marks.slip or None,
        "cell": marks.at or None, "further_causes": marks.others,
        "remarks": [_remark(remark) for remark in marks.remarks],
    }  # fmt: skip


def _remark(one: Remark) -> dict[str, Any]:
    return {"cell": one.at, "slip": one.slip, "found": one.found or None,
            "expected": one.expected or None}  # fmt: skip


def _alike(one: Likeness) -> dict[str, Any]:
    return {"students": list(one.students), "cells": list(one.cells), "hint": one.hint}


def as_junit(found: ClassResult, alike: tuple[Likeness, ...] = ()) -> str:
    """Return a JUnit suite: a test case for each student and task, failed where it is not full."""
    suite = ET.Element("testsuite", name=_printable(found.exercise.title or "exercise"))
    for one in found.students:
        name = _printable(one.submission.student)
        if one.error:
            case = ET.SubElement(suite, "testcase", classname=name, name="file")
            ET.SubElement(case, "error", message=_printable(one.error))
            continue
        for task in one.tasks:
            case = ET.SubElement(suite, "testcase", classname=name, name=_printable(task.task.id))
            if not task.is_full:
                said = f"{shown(task.points)} of {shown(task.task.points)} points"
                ET.SubElement(case, "failure", message=said).text = _printable(task.marks.cause)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("*/failure"))))
    suite.set("errors", str(len(suite.findall("*/error"))))
    return ET.tostring(suite, encoding="unicode") + "\n"


def _printable(text: str) -> str:
    return "".join(one for one in text if one in "\n\t" or one.isprintable())


FORMATS: Mapping[str, Any] = {"json": as_json, "junit": as_junit}
