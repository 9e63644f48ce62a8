"""Arithmetic on shapes: operators that only compute where a Reshape or Pad goes.

Exporters leave them in where they do not know the batch's length. Only a few operators,
and only on a handful of whole numbers.
"""

from __future__ import annotations

from math import prod

import numpy as np

from xlconv.errors import ModelError
from xlconv.interop.onnx.chain import Chain
from xlconv.interop.onnx.graph import Operator, word

_MOST_NUMBERS = 64
_FOLDED = {
    "Cast", "Concat", "ConstantOfShape", "Gather", "Reshape", "Slice", "Squeeze", "Transpose",
    "Unsqueeze",
}  # fmt: skip


def fold_shapes(chain: Chain, operator: Operator) -> bool:
    """Compute the operator's output as a constant, where it is shape arithmetic.

    Returns False where it is not. A free batch counts as one. Raises ModelError where
    ONNX itself cannot compute it.
    """
    constants = chain.graph.constants
    if operator.kind == "Shape":
        chain.check_source(operator.inputs[0])
        start, end = operator.attributes.get("start", 0), operator.attributes.get("end")
        shape = [chain.graph.batch or 1, *chain.shape][start:end]
        constants[operator.outputs[0]] = np.array(shape, np.int64)
        return True
    given = [name for name in operator.inputs if name]
    if operator.kind not in _FOLDED or any(name not in constants for name in given):
        return False
    arrays = [constants[name] for name in given]
    if any(value.size > _MOST_NUMBERS or value.dtype.kind != "i" for value in arrays):
        return False
    if operator.kind == "ConstantOfShape" and prod(arrays[0].tolist()) > _MOST_NUMBERS:
        raise ModelError(f"{arrays[0].tolist()}: expected at most {_MOST_NUMBERS} numbers")
    constants[operator.outputs[0]] = _computed(chain, operator)
    return True


def _computed(chain: Chain, operator: Operator) -> np.typing.NDArray[np.generic]:
    import onnx  # noqa: PLC0415  an extra
    from onnx.reference import ReferenceEvaluator  # noqa: PLC0415

    helper = onnx.helper
    names = [name for name in operator.inputs if name]
    node = helper.make_node(
        operator.kind, operator.inputs, operator.outputs[:1], **operator.attributes
    )
    inputs = [helper.make_tensor_value_info(name, onnx.TensorProto.INT64, None) for name in names]
    output = helper.make_tensor_value_info(operator.outputs[0], onnx.TensorProto.INT64, None)
    graph = helper.make_graph([node], "shape", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", chain.graph.opset)])
    try:
        values = {name: chain.graph.constants[name] for name in names}
        (found,) = ReferenceEvaluator(model).run(None, values)
    except Exception as error:  # whatever NumPy raises for shapes that do not fit
        reason = str(error).strip().split("\n")[0]
        raise ModelError(f"it cannot be computed: {word(reason)}") from None
    return np.asarray(found)
