"""What ranges of an intended network are called: `conv1.weight[1]`, `relu1[0]`, `input[0]`.

Only geometry and names; never looks at a cell.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from xlconv.layout.naming_convention import INPUT
from xlconv.spreadsheet.addresses import Range
from xlconv.spreadsheet.blocks.plane import Plane
from xlconv.verification.intended.intention import Intention

PLANE, WEIGHT, PARAMETER = "plane", "weight", "parameter"


class NamedRange(Struct, frozen=True):
    """A plane with its name, and what it is: one of a tensor, a weight, or another parameter."""

    plane: Plane
    name: str
    kind: str
    owner: str  # the tensor or layer

    @property
    def area(self) -> Range:
        """The range that it stands in."""
        return self.plane.range


def named_ranges_of(intention: Intention) -> Iterator[NamedRange]:
    """Yield the planes of tensors and the tables of parameters, each group by itself."""
    names = (INPUT, *intention.network.names)
    for name, place in zip(names, intention.layout.places, strict=True):
        for k, plane in enumerate(place.planes):
            yield NamedRange(plane, f"{name}[{k}]", PLANE, name)
        for key, groups in place.tables.items():
            kind = WEIGHT if key == "weight" else PARAMETER
            for k, group in enumerate(groups):
                for plane in group:
                    many = f"[{k}]" if len(groups) > 1 else ""
                    yield NamedRange(plane, f"{name}.{key}{many}", kind, name)


def named_range(intention: Intention, area: Range) -> NamedRange | None:
    """Return the named range that has all of an area; None where none has."""
    return next((one for one in named_ranges_of(intention) if one.area.holds(area)), None)
