"""What can go wrong: one base, one class per stage.

Each message is one line: place, finding, expectation. Inner code raises the
bare fact; the stage that knows the place puts it in front, once (`at`).
"""

from __future__ import annotations

from typing import Self


class XlconvError(Exception):
    """Base of every error that a caller can mend; its text is one line."""

    def at(self, place: object) -> Self:
        """Return the same error with `place` put in front: `place: finding`."""
        return type(self)(f"{place}: {self}")


class SpecError(XlconvError):
    """A network description that does not spell a network."""


class ShapeError(XlconvError):
    """Shapes that do not chain."""


class WeightsError(XlconvError):
    """Weights that are missing, of the wrong shape or not finite."""


class InputError(XlconvError):
    """An input that is not the tensor the network takes."""


class ModelError(XlconvError):
    """A model's file that cannot be read, or that spells no network of our layers."""


class LayoutError(XlconvError):
    """A network that has no room on a sheet, or cells that collide."""


class FileError(XlconvError):
    """A file that cannot be read or written."""


class ExistsError(FileError):
    """A file that is there, and that nobody asked to replace.

    The last words say how to ask in Python; the command line has an option instead.
    """

    ASK = "replace=True"

    def for_command(self, option: str) -> str:
        """Return the message with an option of the command line in place of the argument."""
        return str(self).removesuffix(self.ASK) + option


class ReadError(FileError):
    """A workbook file that cannot be read, or that is refused."""


class CellError(XlconvError):
    """A name that is no cell of the workbook."""


class FormulaError(XlconvError):
    """A formula's text that is outside the supported language."""
