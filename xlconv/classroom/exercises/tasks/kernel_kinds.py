"""What a kernel does to a picture, told by its numbers: blurs, sharpens, finds edges.

Rules for kernels of one plane; what none fits is "other".
"""

from __future__ import annotations

import numpy as np

from xlconv.arrays import Array

_CLOSE = 1e-9


def kind_of_kernel(kernel: Array) -> str:
    """Return a key of the words for kernels; `kernel` is (rows, columns).

    Numbers that are all positive are a mean; those that cancel out leave nothing of an even
    picture, and find edges: across rows or columns where one half cancels the other.
    """
    kernel = np.asarray(kernel, np.float64)
    size = float(np.abs(kernel).max(initial=0.0))
    if not size:
        return "other"
    kernel = kernel / size
    total, middle = float(kernel.sum()), kernel[tuple(n // 2 for n in kernel.shape)]
    if np.count_nonzero(np.abs(kernel) > _CLOSE) == 1 and middle > 0:
        return "same"
    if (kernel >= -_CLOSE).all():
        return "blur"
    if abs(total) > _CLOSE:
        sharp = middle > 0 and (np.delete(kernel.ravel(), kernel.size // 2) <= _CLOSE).all()
        return "sharpen" if sharp and total > 0 else "other"
    for kind, turned in (("horizontal", kernel[::-1]), ("vertical", kernel[:, ::-1])):
        if np.allclose(turned, -kernel, atol=_CLOSE):
            return kind
    return "outline" if np.allclose(kernel[::-1, ::-1], kernel, atol=_CLOSE) else "other"
