"""Ready networks: one file each, one line each in PRESETS."""

from xlconv.presets import (
    batchnorm,
    conv_example,
    dropout,
    edges,
    fastai,
    first_convolution,
    image_kernels,
    lenet5,
    matmul,
    multi_label,
    padding,
    residual,
    rgb,
    stride2,
)
from xlconv.presets.base import Preset
from xlconv.presets.data import sample_digit

PRESETS: dict[str, Preset] = {
    module.PRESET.name: module.PRESET
    for module in (
        conv_example,
        fastai,
        edges,
        stride2,
        lenet5,
        batchnorm,
        dropout,
        multi_label,
        residual,
        rgb,
        image_kernels,
        matmul,
        padding,
    )
}
# Networks of exercises, which show little by themselves.
LESSONS: dict[str, Preset] = {first_convolution.PRESET.name: first_convolution.PRESET}
DEFAULT = "conv-example"

__all__ = ["DEFAULT", "LESSONS", "PRESETS", "Preset", "sample_digit"]
