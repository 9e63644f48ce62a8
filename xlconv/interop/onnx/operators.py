"""All ONNX operators that are read: what each of them appends to a chain, or changes in it."""

from __future__ import annotations

from math import prod

from xlconv.arrays import by_shape
from xlconv.errors import ModelError
from xlconv.interop.onnx import weighted, windows
from xlconv.interop.onnx.attributes import Attributes
from xlconv.interop.onnx.chain import Chain
from xlconv.interop.onnx.graph import Operator
from xlconv.interop.onnx.layers import TWINS, Read
from xlconv.layers.base.shapes import planes_shape


def apply(chain: Chain, operator: Operator) -> None:
    """Append the layer that an operator is. Raises an XlconvError with the bare fact."""
    read = OPERATORS.get(operator.kind)
    if read is None:
        raise ModelError(f"expected one of {', '.join((*OPERATORS, 'Constant'))}")
    if any(chain.padding) and operator.kind not in _TAKE_PADDING:
        raise ModelError("a padded or cropped input; expected a Conv after Pad or Slice")
    attributes = Attributes(operator.attributes)
    if operator.kind not in _READ_SEVERAL:
        chain.check_source(operator.inputs[0])
    read(chain, operator, attributes)
    attributes.finish()


def _reshape(chain: Chain, operator: Operator, given: Attributes) -> None:
    keeps_zero = not given.whole("allowzero", 0)
    target = chain.whole_numbers(operator.inputs[1])
    own = [chain.graph.batch or 1, *chain.shape]
    shape = [
        own[k] if n == 0 and keeps_zero and k < len(own) else n for k, n in enumerate(target)
    ]  # fmt: skip
    known = prod(n for n in shape if n != -1)
    if shape.count(-1) == 1 and known > 0:
        shape[shape.index(-1)] = prod(own) // known
    if shape == own:
        chain.give(operator, same=True)
    elif shape == [own[0], prod(chain.shape)]:
        chain.flatten(operator)
    else:
        raise ModelError(f"to {target} from {own}: expected a flatten, [-1, {prod(chain.shape)}]")


def _squeeze(chain: Chain, operator: Operator, given: Attributes) -> None:
    _, *size = planes_shape(chain.shape, "Squeeze")
    axes = given.wholes("axes")
    if operator.input(1):  # from release 13 on
        axes = chain.whole_numbers(operator.inputs[1])
    if size != [1, 1] or sorted(axis % 4 for axis in axes) != [2, 3]:
        raise ModelError(
            f"axes = {axes} of {by_shape(chain.shape)}: expected 2 and 3 of planes of 1×1"
        )
    chain.flatten(operator)


def _concat(chain: Chain, operator: Operator, given: Attributes) -> None:
    names = " and ".join(operator.inputs)
    raise ModelError(f"it joins {names}; expected a chain, for skip connections have no layer")


_READ_SEVERAL = ("Add", "Concat")
_TAKE_PADDING = ("Conv", "Pad", "Identity", "Dropout")
OPERATORS: dict[str, Read] = {
    **{twin.operator: twin.read for twin in TWINS},
    # What is folded into a layer or changes where it looks, and other names of layers.
    "MatMul": weighted.matmul,
    "Add": weighted.add_constant,
    "Concat": _concat,
    "ReduceMean": windows.reduce_mean,
    "Pad": windows.pad,
    "Slice": windows.cut,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
}
