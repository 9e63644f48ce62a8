"""ONNX operators with windows and padding: the pools, means of planes, Pad."""

from __future__ import annotations

from xlconv.arrays import Shape
from xlconv.errors import ModelError
from xlconv.interop.onnx.attributes import Attributes
from xlconv.interop.onnx.chain import Chain
from xlconv.interop.onnx.graph import Operator
from xlconv.interop.onnx.written import Written
from xlconv.layers import AvgPool2d, MaxPool2d
from xlconv.layers.base.options import Padding
from xlconv.layers.base.output_size import OutputSize
from xlconv.layers.base.pool2d import Pool2d
from xlconv.layers.base.shapes import planes_shape


def sides_of(
    chain: Chain, given: Attributes, window: list[int], stride: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return the padding, top, left, bottom, right, whether it is given or automatic."""
    automatic, pads = given.text("auto_pad", "NOTSET"), given.sides("pads")
    if automatic == "NOTSET":
        return pads
    if automatic == "VALID":
        return 0, 0, 0, 0
    if automatic not in ("SAME_UPPER", "SAME_LOWER"):
        raise ModelError(f"auto_pad = {automatic!r}: expected NOTSET, VALID or SAME_UPPER")
    put, begin, end = chain.padding, [], []
    sizes = chain.shape[1] + put.top + put.bottom, chain.shape[2] + put.left + put.right
    for size, width, step in zip(sizes, window, stride, strict=True):
        total = max(0, (-(-size // step) - 1) * step + width - size)
        less, more = total // 2, total - total // 2
        begin.append(less if automatic == "SAME_UPPER" else more)
        end.append(more if automatic == "SAME_UPPER" else less)
    return begin[0], begin[1], end[0], end[1]


def max_pool(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "MaxPool")
    given.only("storage_order", 0)
    if given.pair("dilations", (1, 1)) != (1, 1):
        raise ModelError("dilations: expected 1")
    _pool(chain, operator, given, "MaxPool2d", {})


def average_pool(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "AveragePool")
    if given.pair("dilations", (1, 1)) != (1, 1):
        raise ModelError("dilations: expected 1")
    counted = bool(given.whole("count_include_pad", 0))
    _pool(chain, operator, given, "AvgPool2d", {"count_include_pad": counted})


def _pool(
    chain: Chain, operator: Operator, given: Attributes, kind: str, more: dict[str, object]
) -> None:
    """Append a pool: padding before the plane as given, after it as `ceil_mode` has it."""
    size = given.pair("kernel_shape", ())
    stride = given.pair("strides", (1, 1))
    sides = sides_of(chain, given, list(size), stride)
    up = bool(given.whole("ceil_mode", 0))
    if more.get("count_include_pad") and sides[:2] != sides[2:]:
        raise ModelError(
            f"pads = {list(sides)} with count_include_pad: expected the same all round"
        )
    wanted = [
        OutputSize(n, before, after, k, s, ceil=up).size
        for n, k, s, before, after in zip(
            chain.shape[1:], size, stride, sides[:2], sides[2:], strict=True
        )
    ]
    for ceil_mode in (up, not up):
        options = {
            "kernel_size": list(size), "stride": list(stride), "padding": list(sides[:2]),
            "ceil_mode": ceil_mode,
        }  # fmt: skip
        trial = Chain(chain.graph, chain.shape)
        trial.add(kind, options | more)
        if list(trial.shape[1:]) == wanted:
            chain.take(operator, kind, options | more)
            return
    raise ModelError(f"pads = {list(sides)}: expected the same all round")


def written_max_pool(layer: MaxPool2d, shape: Shape) -> Written:
    """Return the operator of a pool for planes of `shape`."""
    return Written("MaxPool", _window(layer, _end(layer, shape)))


def written_average_pool(layer: AvgPool2d, shape: Shape) -> Written:
    """Return the operator of a pool for planes of `shape`."""
    # Padding that counts is never reached past, so that ceil_mode means nothing there.
    counted = layer.count_include_pad and any(layer.padding)
    end = layer.padding if counted else _end(layer, shape)
    return Written("AveragePool", _window(layer, end) | {"count_include_pad": int(counted)})


def _window(layer: Pool2d, end: tuple[int, int]) -> dict[str, object]:
    return {
        "kernel_shape": list(layer.kernel_size),
        "strides": list(layer.stride),
        "pads": [*layer.padding, *end],
    }


def _end(layer: Pool2d, shape: Shape) -> tuple[int, int]:
    """Return the padding below and to the right with which no ceil_mode is needed.

    That attribute is no common ground: runtimes, and ONNX's own shape inference, differ in
    whether a window may begin in the padding.
    """
    if not layer.ceil_mode:
        return layer.padding
    below, right = (max(0, one.past) for one in layer.output_sizes(shape))
    return below, right


def global_average(chain: Chain, operator: Operator, given: Attributes) -> None:
    chain.take(operator, "AdaptiveAvgPool2d", {"output_size": 1})


def reduce_mean(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "ReduceMean")
    given.only("noop_with_empty_axes", 0)
    axes, keeps = given.wholes("axes"), given.whole("keepdims", 1)
    if operator.input(1):  # from release 18 on
        axes = chain.whole_numbers(operator.inputs[1])
    if sorted(axis % 4 for axis in axes) != [2, 3]:
        raise ModelError(f"axes = {axes}: expected 2 and 3, the mean of each plane")
    chain.take(operator, "AdaptiveAvgPool2d", {"output_size": 1})
    if not keeps:
        chain.flatten(operator)


def pad(chain: Chain, operator: Operator, given: Attributes) -> None:
    planes_shape(chain.shape, "Pad")
    mode = given.text("mode", "constant")
    if mode != "constant":
        raise ModelError(f"mode = {mode!r}: expected constant")
    pads, value = given.wholes("pads"), given.number("value", 0.0)
    if len(operator.inputs) > 1:  # from release 11 on
        pads, fill = chain.whole_numbers(operator.inputs[1]), operator.input(2)
        value = float(chain.constant(fill).sum()) if fill else 0.0
    axes = operator.input(3)
    order = [one % 4 for one in chain.whole_numbers(axes)] if axes else [0, 1, 2, 3]
    if value != 0 or len(pads) != 2 * len(order):
        raise ModelError(f"pads = {pads} of {value}: expected zeros, twice as many as axes")
    begin = dict(zip(order, pads, strict=False))
    end = dict(zip(order, pads[len(order) :], strict=True))
    if any(side.get(axis, 0) for side in (begin, end) for axis in (0, 1)):
        raise ModelError(f"pads = {pads}: expected them along height and width only")
    (top, left), (bottom, right) = ((side.get(2, 0), side.get(3, 0)) for side in (begin, end))
    chain.padding = joined(chain.padding, Padding(left, right, top, bottom))
    chain.give(operator)


def cut(chain: Chain, operator: Operator, given: Attributes) -> None:
    sizes = (chain.graph.batch or 1, *planes_shape(chain.shape, "Slice"))
    if len(operator.inputs) < 3:
        raise ModelError("attributes of an old release; expected starts and ends as inputs")
    starts, ends = (chain.whole_numbers(operator.inputs[k]) for k in (1, 2))
    given_axes, given_steps = operator.input(3), operator.input(4)
    axes = chain.whole_numbers(given_axes) if given_axes else list(range(len(starts)))
    steps = chain.whole_numbers(given_steps) if given_steps else [1] * len(starts)
    if any(one != 1 for one in steps) or not len(axes) == len(starts) == len(ends) == len(steps):
        raise ModelError(f"steps = {steps}: expected 1")
    cuts = [(0, 0)] * 4
    for axis, start, end in zip(axes, starts, ends, strict=True):
        size = sizes[axis % 4]
        first, last, _ = slice(start, end).indices(size)
        cuts[axis % 4] = (-first, last - size)
        if last <= first or (axis % 4 < 2 and last - first < size):
            raise ModelError(f"axes = {axes}: expected rows and columns to be left of 2 and 3")
    if any(chain.padding):
        raise ModelError("a padded or cropped input; expected a Conv after Pad or Slice")
    chain.padding = Padding(*cuts[3], *cuts[2])
    chain.give(operator)


def joined(first: Padding, then: Padding) -> Padding:
    """Return the padding that is two of them, one after the other.

    Raises ModelError where zeros take the place of what was cropped: no sum says that.
    """
    if any(one < 0 < other for one, other in zip(first, then, strict=True)):
        raise ModelError("zeros where Pad crops; expected one of them on each side")
    return Padding(*(one + other for one, other in zip(first, then, strict=True)))
