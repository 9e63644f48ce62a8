"""The panel under the input: what the sheet computes, how to read it, and the probe.

Only texts and where they stand; never looks at values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from xlconv.arrays import Shape
from xlconv.errors import LayoutError
from xlconv.layers import Layer
from xlconv.layers.base.answers import HelperKind
from xlconv.layers.base.place import Place
from xlconv.layout.labels import Heading, Label
from xlconv.layout.probe import Probe, probe_words, probed_layer
from xlconv.network.network import Network
from xlconv.plurals import counted
from xlconv.spreadsheet.addresses import Cell
from xlconv.spreadsheet.blocks.plane import Plane

# The lines are about as wide as so many columns of cells.
PANEL_COLUMNS = 24

# The prediction is a number; so many names of classes stand beside it.
_NAMED_CLASSES = 6
_HOW_TO_READ = (
    "Every number to the right of the input is a live formula; blue and red numbers are weights.",
    "Click one and trace its precedents: the arrows show its window, its kernel and its bias.",
    "Change a pixel or a weight: everything that depends on it follows. A dot is a zero.",
)


class Panel(Struct, frozen=True):
    """Labels, the probe's cells, and the cells of single-number helpers by tensor."""

    labels: tuple[Label, ...]
    probe: Probe | None
    readouts: Mapping[int, Mapping[str, Plane]]


def panel_of(
    network: Network,
    places: Sequence[Place],
    origin: Cell,
    remarks: Sequence[str] = (),
    probed: str | None = None,
) -> Panel:
    """Return the panel with its top left cell at `origin`; `remarks` say what else to try.

    `probed` names the layer that the probe is of. Raises LayoutError where it cannot be.
    """
    row, column = origin
    readouts, labels = _readouts(network, origin)
    row += 2 * len(labels)
    labels.append(Label((row, column), Heading.GUIDE.value, "heading"))
    own = dict.fromkeys(layer.remark for layer in network.layers if layer.remark)
    guide = (*_HOW_TO_READ, *own, *remarks)
    labels += [Label((row + 1 + n, column), text, "remark") for n, text in enumerate(guide)]
    row += len(guide) + 2
    probe = _probe(network, places, (row + 1, column), probed)
    if probe is not None:
        labels += _probe_labels(network, probe, (row, column))
        row += 4
    labels.append(Label((row, column), Heading.LAYERS.value, "heading"))
    lines = [tensor_title("input", network.shapes[0])]
    for name, layer, shape in zip(network.names, network.layers, network.shapes[1:], strict=True):
        count = sum(value.size for value in layer.parameters().values())
        trained = f" · {counted(count, 'parameter')}" if count else ""
        lines.append(tensor_title(name, shape, layer) + trained)
    labels += [Label((row + 1 + n, column), text, "remark") for n, text in enumerate(lines)]
    return Panel(tuple(labels), probe, MappingProxyType(readouts))


def _readouts(network: Network, origin: Cell) -> tuple[dict[int, dict[str, Plane]], list[Label]]:
    """Return the cells of single-number helpers by tensor, every second row, and their words."""
    (row, column), labels = origin, list[Label]()
    readouts: dict[int, dict[str, Plane]] = {}
    for tensor, layer in enumerate(network.layers, 1):
        for name in layer.helper_names(HelperKind.READOUT):
            readouts.setdefault(tensor, {})[name] = Plane((row, column), (1, 1))
            text = f"← {name}: the class with the largest output of {network.names[tensor - 1]}"
            if len(network.classes) <= _NAMED_CLASSES and not all(
                map(str.isdigit, network.classes)
            ):
                known = ", ".join(f"{k} is {one}" for k, one in enumerate(network.classes))
                text += f" ({known})"
            labels.append(Label((row, column + 1), text, "remark"))
            row += 2
    return readouts, labels


def tensor_title(name: str, shape: Shape, layer: Layer | None = None) -> str:
    """Return a tensor's name, layer and shape for people: `conv1 · Conv2d 3×3 · 2@26×26`."""
    if layer is None:
        return f"{name} · {size_title(shape)}"
    return f"{name} · {layer.title} · {size_title(shape)}"


def size_title(shape: Shape) -> str:
    """Return a shape for people: `2@26×26`, and `10` for a vector."""
    return f"{shape[0]}@{shape[1]}×{shape[2]}" if len(shape) == 3 else str(shape[0])


def _probe(
    network: Network, places: Sequence[Place], origin: Cell, name: str | None
) -> Probe | None:
    """Return the probe of a layer, without a name of the last that has kernels."""
    index = probed_layer(network, name)
    if index is None:
        if name is None:
            return None
        known = [one for one in network.names if probed_layer(network, one) is not None]
        expected = f"expected one of {', '.join(known)}" if known else "no layer has any"
        raise LayoutError(f"no planes of a layer {name!r} to probe; {expected}")
    tensor = index + 1
    later = range(tensor, len(places))  # fused into one of them
    # Or the last that has cells: what is nothing at inference shows what it reads.
    tensor = next(
        (k for k in (*later, *range(tensor, -1, -1)) if places[k].planes), tensor
    )  # fmt: skip
    row, column = origin
    return Probe((row, column), (row + 1, column), tensor, network.names[index])


def _probe_labels(network: Network, probe: Probe, at: Cell) -> list[Label]:
    _, height, width = network.shapes[probe.tensor]
    return [
        Label(at, f"{Heading.PROBE}{probe_words(probe.name)}", "heading"),
        Label(
            (probe.row[0], probe.row[1] + 1),
            f"← its row, 0 to {height - 1}: change the yellow cells, and boxes mark what it sees:",
            "remark",
        ),
        Label(
            (probe.column[0], probe.column[1] + 1),
            f"← its column, 0 to {width - 1}: its receptive field in every plane from the input on",
            "remark",
        ),
    ]
