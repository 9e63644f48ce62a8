"""Edits of whole layers, as people make them in a generated workbook, and what verify should say.

A module for each noun that is edited, with tables of `Edit`: LibreOffice makes each one and
saves it, so that formulas are spelled, shared and recalculated as it does. Never changes a
file by itself: one that nobody saved proves nothing.
"""

from __future__ import annotations

from tests.edits.edit import Edit
from tests.edits.tables import TABLE

__all__ = ["TABLE", "Edit"]
